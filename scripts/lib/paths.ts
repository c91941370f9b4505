import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the commands keep for this checkout, outside git: state, passphrase, working copies of the stacks' files. */
export const LOCAL = join(ROOT, ".local");

/** Where the user typed the command: npm changes to the checkout before it runs a script. */
export const CALLED_FROM = process.env.INIT_CWD ?? process.cwd();

export const PULUMI_HOME = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
