import { homedir } from "node:os";
import { join } from "node:path";

export const checkout = join(import.meta.dirname, "..");

/** What one machine shares between checkouts: builds, the mirror's images and the engine's own data. */
export const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "nself-chat-lab");

/** Pid files, logs and settings of the servers that the lab starts. */
export const runDirectory = join(cacheRoot, "run");

/** What belongs to this checkout alone: its Pulumi home and the commands that point into it. Ignored by git. */
export const localDirectory = join(checkout, ".local", "lab");

/** Where Pulumi's default client and Docker's look for an engine. */
export const dockerSocket = "/var/run/docker.sock";

/** The Node that the project pins: it runs the TypeScript of the plugins as it is. */
export const node24 = join(checkout, "node_modules", "node", "bin", "node");
