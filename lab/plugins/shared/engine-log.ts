/** Messages to the user by way of the engine: lasting ones, and statuses that show while a resource is worked on. */
import { argv } from "node:process";
import { type Client, credentials } from "@grpc/grpc-js";
import engineGrpc, { type IEngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/engine_pb.js";

export type Severity = "debug" | "info" | "warning" | "error";

const SEVERITIES = {
  debug: proto.LogSeverity.DEBUG,
  info: proto.LogSeverity.INFO,
  warning: proto.LogSeverity.WARNING,
  error: proto.LogSeverity.ERROR,
} as const;

let address = argv.slice(2).at(-1);
let client: IEngineClient | undefined;

/** The engine says where it listens as the last argument, and again when it shakes hands. */
export function setEngineAddress(given: string): void {
  address = given || address;
  client = undefined;
}

export const log = (urn: string, severity: Severity, message: string) => send(urn, severity, message, false);
export const logStatus = (urn: string, severity: Severity, message: string) => send(urn, severity, message, true);

/** Nothing depends on a message: one that does not arrive is lost. */
function send(urn: string, severity: Severity, message: string, ephemeral: boolean): Promise<void> {
  const request = new proto.LogRequest().setUrn(urn).setMessage(message).setEphemeral(ephemeral);
  request.setSeverity(SEVERITIES[severity]);
  return new Promise((done) => {
    const engine = connected();
    if (engine === undefined) return done();
    engine.log(request, () => done());
  });
}

function connected(): IEngineClient | undefined {
  if (address === undefined || client !== undefined) return client;
  client = new engineGrpc.EngineClient(address, credentials.createInsecure()) as Client & IEngineClient;
  return client;
}
