import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

const sdk = "github.com/pulumi/pulumi/sdk/v3";

const command: GoCommand = {
  module: "github.com/pulumi/pulumi/pkg/v3",
  version: pins.pulumi,
  command: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  // In its repository the sdk is the folder next door. The other `replace`, of a clipboard library, has to stay.
  edits: [`-dropreplace=${sdk}`, `-require=${sdk}@${pins.pulumi}`],
  // Without it the CLI calls itself 3.0.0-dev and warns about every plugin.
  ldflags: `-X ${sdk}/go/common/version.Version=${pins.pulumi}`,
};

/** The real Pulumi CLI and engine: `pulumi` in the artefact's directory. */
export const pulumiCli: Artefact = {
  name: "pulumi",
  inputs: { command: JSON.stringify(command) },
  build: (directory, progress) =>
    progress.step(`Building the Pulumi CLI ${pins.pulumi} (5 minutes the first time)`, () =>
      buildGoCommand(command, directory),
    ),
};
