import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

/** What a cluster's DNS uses; the others bring the clients of three clouds with them. */
const plugins = [
  ...["cache", "errors", "forward", "health", "hosts", "kubernetes", "loadbalance", "log", "loop", "metrics"],
  ...["ready", "reload", "rewrite", "template"],
];
const imports = plugins.map((name) => `\t_ "github.com/coredns/coredns/plugin/${name}"\n`).join("");

const command: GoCommand = {
  module: "github.com/coredns/coredns",
  version: pins.coredns,
  command: "github.com/coredns/coredns",
  changes: {
    "github.com/coredns/coredns": { "core/plugin/zplugin.go": `package plugin\n\nimport (\n${imports})\n` },
  },
  // The image has no C library, like the upstream build.
  cgo: "0",
};

/** The real CoreDNS: `coredns` in the artefact's directory, static. */
export const coredns: Artefact = {
  name: "coredns",
  inputs: { command: JSON.stringify(command) },
  build: (directory, progress) =>
    progress.step(`Building CoreDNS ${pins.coredns} (1 minute the first time)`, () =>
      buildGoCommand(command, directory),
    ),
};
