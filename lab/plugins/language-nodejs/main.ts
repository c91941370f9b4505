/**
 * STAND-IN for Pulumi's Node language host, for machines that cannot download the official one. It runs programs and
 * tells which plugins they need; it runs policy packs too, and refuses to install dependencies, to generate or convert
 * code, to attach a debugger, and the long gone synchronous invokes (`--sync`).
 */
import { execFile } from "node:child_process";
import { argv } from "node:process";
import { promisify } from "node:util";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language, {
  type GetProgramDependenciesRequest,
  type GetRequiredPackagesRequest,
  type LanguageHandshakeRequest,
  type RunRequest,
} from "@pulumi/pulumi/proto/language_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { runPlugin } from "../policy-analyzer/run-plugin.ts";
import { serve, unary } from "../shared/serve.ts";
import { programDependencies, requiredPlugins } from "./packages.ts";
import { runProgram, stopPrograms } from "./run.ts";

/** Flags such as -root come first and are not needed; the engine's address is the last argument. */
let engine = argv.slice(2).at(-1) ?? "";

await serve("nodejs", languageGrpc.LanguageRuntimeService, {
  handshake: unary((request: LanguageHandshakeRequest) => {
    engine = request.getEngineAddress() || engine;
    return new language.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => new pluginProto.PluginInfo().setVersion("3.259.0")),
  getRequiredPackages: unary((request: GetRequiredPackagesRequest) => {
    const plugins = requiredPlugins(request.getInfo()?.getProgramDirectory() ?? ".");
    const packages = plugins.map(({ name, version, server }) =>
      new pluginProto.PackageDependency().setKind("resource").setName(name).setVersion(version).setServer(server),
    );
    return new language.GetRequiredPackagesResponse().setPackagesList(packages);
  }),
  getProgramDependencies: unary((request: GetProgramDependenciesRequest) => {
    const directory = request.getInfo()?.getProgramDirectory() ?? ".";
    const found = programDependencies(directory, request.getTransitivedependencies());
    const list = found.map(({ name, version }) => new language.DependencyInfo().setName(name).setVersion(version));
    return new language.GetProgramDependenciesResponse().setDependenciesList(list);
  }),
  about: unary(async () => {
    const { stdout } = await promisify(execFile)("node", ["-p", "process.execPath + '\\n' + process.version"]);
    const [executable = "", version = ""] = stdout.trim().split("\n");
    return new language.AboutResponse().setExecutable(executable).setVersion(version);
  }),
  runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
  run: unary((request: RunRequest) => {
    if (request.getAttachDebugger()) throw new Error("attaching a debugger is not implemented by this stand-in");
    return runProgram(request, engine);
  }),
  runPlugin,
  cancel: unary(() => {
    stopPrograms();
    return new emptyProto.Empty();
  }),
});
