import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "../cache.ts";
import { LabError } from "../errors.ts";
import { pins } from "../pins.ts";
import { systemPath } from "../prerequisites.ts";
import { run } from "../run.ts";

/** One base for every image: curl and busybox for health checks, nginx with its RTMP and stream modules for streaming. */
const nginx = ["nginx", "libnginx-mod-rtmp", "libnginx-mod-stream"];
const include = ["ca-certificates", "curl", "tini", "busybox-static", ...nginx];
const leftOut = ["./var/cache/apt", "./var/lib/apt/lists", "./usr/share/doc", "./usr/share/man", "./usr/share/locale"];

/** A small Debian, as `rootfs.tar` in the artefact's directory. */
export const debianBase: Artefact = {
  name: "debian",
  inputs: { suite: pins.debianSuite, include: include.join(), leftOut: leftOut.join() },
  build: (directory, progress) =>
    progress.step(`Unpacking Debian ${pins.debianSuite} with nginx and its RTMP module (1 minute)`, async () => {
      const root = join(directory, "rootfs");
      const env = { PATH: systemPath };
      const options = ["--variant=minbase", `--include=${include.join()}`];
      await run("debootstrap", [...options, pins.debianSuite, root, await archive()], { env });
      const excludes = leftOut.map((path) => `--exclude=${path}/*`);
      await run("tar", ["--create", "--file", join(directory, "rootfs.tar"), "-C", root, ...excludes, "."]);
      await rm(root, { recursive: true });
    }),
};

/** The archive that this machine's apt already uses, so that a company mirror is respected. */
async function archive(): Promise<string> {
  const format = "$(CODENAME) $(COMPONENT) $(REPO_URI)";
  const targets = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const wanted = `${pins.debianSuite} main `;
  const found = targets.split("\n").find((line) => line.startsWith(wanted));
  if (found) return found.slice(wanted.length);
  throw new LabError(
    `apt knows no source for Debian "${pins.debianSuite}", which the lab's images are made of.`,
    `Add a source for ${pins.debianSuite} main to /etc/apt/sources.list.d and run the command again.`,
  );
}
