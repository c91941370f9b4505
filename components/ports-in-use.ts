import { createSocket } from "node:dgram";
import { createServer } from "node:net";

export interface HostPort {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** Which of these ports cannot be bound on this machine's address because somebody holds them. */
export async function portsInUse<T extends HostPort>(ports: readonly T[], address: string): Promise<T[]> {
  const taken = await Promise.all(ports.map((port) => inUse(port, address)));
  return ports.filter((_, index) => taken[index]);
}

function inUse({ protocol, port }: HostPort, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Only "somebody has it" counts: a port under 1024 that we may not bind is the engine's to bind, not ours.
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRINUSE");
    if (protocol === "tcp") {
      const server = createServer().once("error", failed);
      server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(false)));
    } else {
      const socket = createSocket("udp4").once("error", failed);
      socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(false)));
    }
  });
}
