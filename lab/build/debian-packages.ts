import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Artefact } from "../cache.ts";
import { pins } from "../pins.ts";
import { run } from "../run.ts";

const packages = ["etcd-server", "containernetworking-plugins", "busybox"];

/**
 * `usr/bin/etcd`, the plugins in `usr/lib/cni` and `busybox`, in the artefact's directory. Unpacked instead of installed:
 * Debian's etcd package would start a service of its own, on the ports of anybody else's.
 */
export const debianPackages: Artefact = {
  name: "debian-packages",
  inputs: { suite: pins.debianSuite, packages: packages.join() },
  build: (directory, progress) =>
    progress.step(`Unpacking Debian packages: ${packages.join(", ")}`, async () => {
      const remedy = `Check that apt knows a source for ${packages.join(", ")} (apt-cache policy).`;
      // Like at an installation: one broken third-party source must not stop it.
      await execa("apt-get", ["update"], { reject: false });
      await run("apt-get", ["download", ...packages], { cwd: directory, remedy });
      const archives = (await readdir(directory)).filter((name) => name.endsWith(".deb"));
      const root = join(directory, "root");
      for (const archive of archives) await run("dpkg-deb", ["--extract", archive, root], { cwd: directory });
      for (const archive of archives) await rm(join(directory, archive));
      await rename(join(root, "usr"), join(directory, "usr"));
      const busybox = ["bin/busybox", "../usr/bin/busybox"].map((path) => join(root, path)).find(existsSync);
      if (busybox) await rename(busybox, join(directory, "busybox"));
      await rm(root, { recursive: true });
    }),
};
