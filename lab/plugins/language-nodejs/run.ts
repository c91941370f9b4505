/** Runs the program: the Pulumi SDK's own runner under the `node` of the PATH, as the official host does. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { env } from "node:process";
import language, { type RunRequest, type RunResponse } from "@pulumi/pulumi/proto/language_pb.js";
import { parseOptions } from "./options.ts";

/** The SDK's runner exits with this when the user has already been told what is wrong. */
const ALREADY_EXPLAINED = 32;
/** From the request to stop to the kill. */
const GRACE_MS = 5000;
const running = new Set<() => void>();

export function stopPrograms(): void {
  for (const stop of running) stop();
}

export async function runProgram(request: RunRequest, engine: string): Promise<RunResponse> {
  const response = new language.RunResponse();
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getPwd();
  const options = parseOptions(info?.getOptions()?.toJavaScript() ?? {});
  const args = [...options.nodeargs, locateRunner(directory), ...runnerArguments(request, engine, directory)];
  const variables = {
    ...env,
    PULUMI_CONFIG: JSON.stringify(configOf(request)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(options.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
  const code = await execute(args, variables);
  if (code === ALREADY_EXPLAINED) response.setBail(true);
  else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
  return response;
}

/** What the program prints passes through: stdout and stderr are this process's own. */
function execute(args: string[], variables: NodeJS.ProcessEnv): Promise<number | string> {
  const child = spawn("node", args, { env: variables, stdio: ["ignore", "inherit", "inherit"] });
  const stop = () => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  };
  running.add(stop);
  return new Promise<number | string>((resolve, reject) => {
    const failed = (error: Error) =>
      reject(new Error(`Problem executing program (could not run language executor): ${error.message}`));
    child.once("error", failed);
    child.once("close", (code, signal) => resolve(code ?? `signal ${signal}`));
  }).finally(() => running.delete(stop));
}

function runnerArguments(request: RunRequest, engine: string, directory: string): string[] {
  const info = request.getInfo();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info?.getRootDirectory(),
    stack: request.getStack(),
    pwd: directory,
    parallel: String(request.getParallel()),
  };
  const given = Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  const entryPoint = info?.getEntryPoint() || ".";
  return [...given, ...(request.getDryrun() ? ["--dry-run"] : []), entryPoint, ...request.getArgsList()];
}

/** The SDK of the program, not this plugin's. */
function locateRunner(directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    throw new Error("It looks like the Pulumi SDK has not been installed. Have you run npm install?");
  }
}

/** "project:key" as "project:config:key": the official host keeps writing the older form. */
function configOf(request: RunRequest): { [key: string]: string } {
  const config: { [key: string]: string } = {};
  for (const [key, value] of request.getConfigMap().entries()) {
    const [namespace = "", ...name] = key.replace(/:config:/, ":").split(":");
    config[`${namespace}:config:${name.join(":")}`] = value;
  }
  return config;
}
