/**
 * Part of the STAND-IN for Pulumi's Node language host: starts a policy pack, the one kind of plugin in Node that it
 * runs. The engine reads what the pack prints, its port first, from the stream that answers the request.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { env } from "node:process";
import type { handleServerStreamingCall } from "@grpc/grpc-js";
import language, { type RunPluginRequest, type RunPluginResponse } from "@pulumi/pulumi/proto/language_pb.js";

/** From the request to stop to the kill. */
const GRACE_MS = 5000;

export const runPlugin: handleServerStreamingCall<RunPluginRequest, RunPluginResponse> = (call) => {
  try {
    start(call);
  } catch (error) {
    call.emit("error", error);
  }
};

function start(call: Parameters<typeof runPlugin>[0]): void {
  const { request } = call;
  if (request.getKind() !== "analyzer")
    throw new Error(`a ${request.getKind()} plugin in Node is not implemented by this stand-in`);
  if (request.getAttachDebugger()) throw new Error("attaching a debugger is not implemented by this stand-in");
  const pack = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const args = [runnerOf(pack), ...request.getArgsList(), pack];
  const child = spawn("node", args, {
    // The policy SDK reads the pack's version from the folder that it is in.
    cwd: pack,
    env: { ...env, ...Object.fromEntries(request.getEnvList().map(variable)) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (text: Buffer) => call.write(new language.RunPluginResponse().setStdout(text)));
  child.stderr.on("data", (text: Buffer) => call.write(new language.RunPluginResponse().setStderr(text)));
  child.once("error", (error) => call.emit("error", error));
  child.once("close", (code) => {
    call.write(new language.RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  // The engine has no other word for "stop" than to hang up.
  call.once("cancelled", () => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  });
}

/** The SDK of the pack, not this plugin's. */
function runnerOf(pack: string): string {
  try {
    return createRequire(join(pack, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  } catch {
    throw new Error(`The policy pack's dependencies are not installed. Run npm install in ${pack}`);
  }
}

function variable(line: string): [string, string] {
  const [name = "", ...value] = line.split("=");
  return [name, value.join("=")];
}
