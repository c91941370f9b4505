import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

const importing = (path: string) => `package all\n\nimport _ "github.com/rclone/rclone/${path}"\n`;

const command: GoCommand = {
  module: "github.com/rclone/rclone",
  version: pins.rclone,
  command: "github.com/rclone/rclone",
  // One backend and one command of some hundred, which bring the clients of all clouds with them.
  changes: {
    "github.com/rclone/rclone": {
      "backend/all/all.go": importing("backend/local"),
      "cmd/all/all.go": importing("cmd/serve/s3"),
    },
  },
  ldflags: `-X github.com/rclone/rclone/fs.Version=${pins.rclone}`,
  cgo: "0",
};

/** rclone, of which the end-to-end tests run its S3 server over a folder: `rclone` in the artefact's directory. */
export const rclone: Artefact = {
  name: "rclone",
  inputs: { command: JSON.stringify(command) },
  build: (directory, progress) =>
    progress.step(`Building rclone ${pins.rclone} (1 minute the first time)`, () => buildGoCommand(command, directory)),
};
