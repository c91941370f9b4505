import { pins } from "../pins.ts";
import { localPathProvisioner } from "./cluster-parts.ts";
import { coredns } from "./coredns.ts";
import { debianPackages } from "./debian-packages.ts";
import type { LabImage } from "./images.ts";
import { pauseProgram } from "./pause.ts";
import { traefik } from "./traefik.ts";

const pause = { repository: "nself-lab/pause", tag: "1" };

export const pauseReference = `${pause.repository}:${pause.tag}`;

/** What runs in the cluster before anybody's own pods do, under upstream names where there are any. */
export async function clusterImages(): Promise<LabImage[]> {
  return [
    {
      ...pause,
      dockerfile: "pause.Dockerfile",
      files: [],
      binary: { artefact: await pauseProgram(), file: "pause" },
    },
    {
      repository: "library/busybox",
      tag: pins.busybox,
      dockerfile: "busybox.Dockerfile",
      files: [],
      binary: { artefact: debianPackages, file: "busybox" },
    },
    {
      repository: "coredns/coredns",
      tag: pins.coredns.replace("v", ""),
      dockerfile: "coredns.Dockerfile",
      files: [],
      binary: { artefact: coredns, file: "coredns" },
    },
    {
      repository: "rancher/local-path-provisioner",
      tag: pins.localPathProvisioner,
      dockerfile: "local-path-provisioner.Dockerfile",
      files: [],
      binary: { artefact: localPathProvisioner, file: "local-path-provisioner" },
    },
    {
      repository: "library/traefik",
      tag: pins.traefik,
      dockerfile: "traefik.Dockerfile",
      files: [],
      binary: { artefact: traefik, file: "traefik" },
    },
  ];
}
