import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { systemPath } from "./prerequisites.ts";

/** Unmounts what an engine left mounted inside `directory`: it cannot be removed before. */
export async function unmountAll(directory: string): Promise<void> {
  for (const point of mountPoints(await readFile("/proc/self/mountinfo", "utf8"), directory)) {
    // Some go away with the one before them; what cannot be unmounted shows when the directory is removed.
    await execa("umount", ["--lazy", point], { env: { PATH: systemPath }, reject: false });
  }
}

/** The mount points in and at `directory`, the innermost and latest first. */
export function mountPoints(mountinfo: string, directory: string): string[] {
  const points = mountinfo.split("\n").map((line) => decode(line.split(" ")[4] ?? ""));
  return points.filter((point) => point === directory || point.startsWith(`${directory}/`)).reverse();
}

/** The kernel writes spaces and the like as three octal digits. */
function decode(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
