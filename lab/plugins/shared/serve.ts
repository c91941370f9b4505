/** Starts a plugin's gRPC server the way the engine expects it. */
import { fstatSync } from "node:fs";
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { toStatus, unimplemented } from "./failures.ts";

/** Program and state of a large stack travel in single messages; same bound as the Pulumi SDK's. */
const MESSAGE_BYTES = 400 * 1024 * 1024;

export function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then((response) => callback(null, response))
      .catch((error: unknown) => callback(toStatus(error)));
  };
}

/** Serves on a free port of the loopback and prints it: the first line on stdout is how the engine finds a plugin. */
export async function serve(
  plugin: string,
  service: ServiceDefinition,
  methods: UntypedServiceImplementation,
): Promise<void> {
  const complete: UntypedServiceImplementation = {};
  for (const [name, definition] of Object.entries(service)) {
    complete[name] = methods[name] ?? refuse(plugin, name, definition.responseStream);
  }
  const options = { "grpc.max_receive_message_length": MESSAGE_BYTES, "grpc.max_send_message_length": MESSAGE_BYTES };
  const server = new Server(options);
  server.addService(service, complete);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  exitWithTheEngine();
  process.stdout.write(`${port}\n`);
}

function refuse(plugin: string, method: string, streams: boolean): handleUnaryCall<unknown, unknown> {
  const answer = unimplemented(method, plugin);
  return (call, callback) => (streams ? call.emit("error", answer) : callback(answer));
}

/** The engine holds the other end of stdin: it closes when the engine is gone, killed included. */
function exitWithTheEngine(): void {
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on("end", () => process.exit(0));
  process.stdin.resume();
}
