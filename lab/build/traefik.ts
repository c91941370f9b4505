import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { buildGoCommand, type GoCommand } from "./go-module.ts";

const extensions = "github.com/traefik/traefik/dynamic/ext";

/** Clients of a hundred DNS services, for certificates over ACME: half of the compile time, and some are in no registry. */
const noDnsServices = `package dns

import (
	"fmt"

	"github.com/go-acme/lego/v5/challenge"
)

func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	return nil, fmt.Errorf("this build of Traefik has no DNS provider, and so not %q", name)
}
`;

const command: GoCommand = {
  module: "github.com/traefik/traefik/v3",
  version: pins.traefik,
  command: "github.com/traefik/traefik/v3/cmd/traefik",
  edits: [
    // A folder of its repository that no module holds: hooks for settings of Traefik's paid editions.
    `-replace=${extensions}=./ext`,
    // The revision that this version asks for is not served: the one of Traefik 3.6 has the same functions.
    "-replace=github.com/abbot/go-http-auth=github.com/containous/go-http-auth@v0.4.1-0.20200324110947-a37a7636d23e",
  ],
  files: {
    "ext/go.mod": `module ${extensions}\n\ngo 1.25\n`,
    "ext/ext.go": "package ext\n\ntype HTTP struct{}\n\ntype Router struct{}\n",
  },
  changes: { "github.com/go-acme/lego/v5": { "providers/dns/zz_gen_dns_providers.go": noDnsServices } },
  ldflags: `-X github.com/traefik/traefik/v3/pkg/version.Version=${pins.traefik.replace("v", "")}`,
  cgo: "0",
};

/** The real Traefik, without its dashboard's pages: `traefik` in the artefact's directory, static. */
export const traefik: Artefact = {
  name: "traefik",
  inputs: { command: JSON.stringify(command) },
  build: (directory, progress) =>
    progress.step(`Building Traefik ${pins.traefik} (4 minutes the first time)`, () =>
      buildGoCommand(command, directory),
    ),
};
