import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

const command: GoCommand = {
  module: "github.com/docker/compose/v2",
  version: pins.compose,
  command: "github.com/docker/compose/v2/cmd",
  ldflags: `-X github.com/docker/compose/v2/internal.Version=${pins.compose}`,
};

/** Docker Compose: `docker-compose` in the artefact's directory. The stack does without it: the benchmark and a test ask for it. */
export const dockerCompose: Artefact = {
  name: "docker-compose",
  inputs: { command: JSON.stringify(command) },
  build: (directory, progress) =>
    progress.step(`Building Docker Compose ${pins.compose} (4 minutes the first time)`, async () => {
      await buildGoCommand(command, directory);
      await rename(join(directory, "cmd"), join(directory, "docker-compose"));
    }),
};
