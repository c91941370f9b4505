import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

const command: GoCommand = {
  module: "github.com/livekit/livekit-server",
  version: pins.livekit,
  command: "github.com/livekit/livekit-server/cmd/server",
  // The image has no C library, like the upstream build.
  cgo: "0",
};

/** The real LiveKit server: `livekit-server` in the artefact's directory, static. */
export const livekitServer: Artefact = {
  name: "livekit-server",
  inputs: { command: JSON.stringify(command) },
  build: (directory, progress) =>
    progress.step(`Building LiveKit ${pins.livekit} (2 minutes the first time)`, async () => {
      await buildGoCommand(command, directory);
      await rename(join(directory, "server"), join(directory, "livekit-server"));
    }),
};
