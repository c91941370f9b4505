import { connect, type NetConnectOpts } from "node:net";

/** Whether somebody listens: on a port of loopback, or on a socket. */
export function canConnect(where: number | string): Promise<boolean> {
  const target: NetConnectOpts = typeof where === "number" ? { port: where, host: "127.0.0.1" } : { path: where };
  return new Promise((resolve) => {
    const socket = connect(target, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Whether a server without TLS says that it is well. */
export const answersOk = async (url: string) => (await fetch(url).catch(() => undefined))?.ok ?? false;
