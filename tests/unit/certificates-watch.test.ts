import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTemplate } from "../../components/templates.ts";
import { shells, until } from "./helpers/search-scripts.ts";

/** The script that sees the server's processes, among processes as a pod has them. */
const permitted = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;

/** In front of the script: its time is short and written down, and a folder can be in the middle of a change. */
const stage = (folder: string) => `
sleep() { echo "$1" >>'${folder}/slept'; exec sleep 0.1; }
cat() { command cat "$@" && if [ -e '${folder}/changing' ]; then date +%N; fi; }
`;

/** Writes down what it is told; a worker of it does the same in a file of its own. */
const server = (log: string, atTerm?: string) => `sh -c "${listener(`${log}-worker`)}" & ${listener(log, atTerm)}`;
const listener = (log: string, atTerm = ":") =>
  `trap 'echo HUP >>${log}' HUP; trap 'echo TERM >>${log}; ${atTerm}' TERM; echo ready >>${log}; while :; do sleep 0.05; done`;

let folder: string;
let tls: string;
let pod: Pod;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "certificate-watch-"));
  tls = join(folder, "tls");
  renew("first");
  pod = await Pod.start(at("pause"));
});
afterEach(async () => {
  await pod.stop();
  const held = lines("pause");
  rmSync(folder, { recursive: true });
  expect(held).toEqual(["ready"]);
});

/** Both files at one moment, as the kubelet does it. */
function renew(certificate: string): void {
  mkdirSync(at(certificate), { recursive: true });
  writeFileSync(join(at(certificate), "tls.crt"), `certificate ${certificate}\n`);
  writeFileSync(join(at(certificate), "tls.key"), `key ${certificate}\n`);
  symlinkSync(at(certificate), at("next-tls"));
  renameSync(at("next-tls"), tls);
}

const at = (file: string) => join(folder, file);
const lines = (file: string) => (existsSync(at(file)) ? readFileSync(at(file), "utf8").trim().split("\n") : []);
const told = (file: string, signal: string) => until(() => lines(file).includes(signal));

/** As many looks at the certificate as any mistake would need. */
async function looks(): Promise<void> {
  const before = lines("slept").length;
  await until(() => lines("slept").length >= before + 4);
}

/** Processes of the machine whose parent is this one. */
const childrenOf = (pid: number | undefined) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** Processes that see each other and nobody else; each that is started in there has no parent there, as in a pod. */
class Pod {
  readonly #first: number;
  private constructor(first: number) {
    this.#first = first;
  }

  /** @param log of the process that holds it together */
  static async start(log: string): Promise<Pod> {
    const command = ["--pid", "--fork", "--mount-proc", "sh", "-c", listener(log)];
    const holder = spawn("unshare", command, { stdio: "ignore" });
    await until(() => existsSync(log));
    const [first] = childrenOf(holder.pid);
    if (!first) throw new Error("The processes of the pod ended by themselves.");
    return new Pod(first);
  }

  /** It says into a file: a pipe would be open for as long as any child of it lives. */
  run(command: readonly string[], says: string) {
    const enter = ["--target", String(this.#first), "--pid", "--mount", "--"];
    const said = openSync(says, "w");
    const running = spawn("nsenter", [...enter, ...command], { stdio: ["ignore", said, said] });
    closeSync(said);
    return running;
  }

  /** What is in there ends with its first process. */
  async stop(): Promise<void> {
    process.kill(this.#first, "SIGKILL");
    await until(() => !existsSync(`/proc/${this.#first}`));
  }
}

async function serve(log: string, atTerm?: string) {
  const running = pod.run(["sh", "-c", server(at(log), atTerm)], at(`${log}-said`));
  await until(() => existsSync(at(log)) && existsSync(at(`${log}-worker`)));
  return running;
}

async function watch(shell: string, renewal: string, grace = 12) {
  const text = stage(folder) + readTemplate("watch-certificate.sh");
  const running = pod.run([...shell.split(" "), "-c", text, "--", tls, renewal, String(grace)], at("said"));
  await looks();
  return running;
}

describe.skipIf(!permitted).each(shells)("in %s", (shell) => {
  it("nobody is told anything while the certificate stays the same", async () => {
    await serve("server");
    await watch(shell, "reload");
    renew("first");
    await looks();
    expect([lines("server"), lines("server-worker")]).toEqual([["ready"], ["ready"]]);
  });

  it("a server that reloads is told once, and goes on; its worker is not told", async () => {
    const running = await serve("server");
    await watch(shell, "reload");
    renew("second");
    await told("server", "HUP");
    await looks();
    expect([lines("server"), lines("server-worker")]).toEqual([["ready", "HUP"], ["ready"]]);
    expect(childrenOf(running.pid)).toHaveLength(1);
    expect(new Set(lines("slept"))).toEqual(new Set(["15"]));
  });

  it("and again for the next certificate", async () => {
    await serve("server");
    await watch(shell, "reload");
    for (const [index, name] of ["second", "third"].entries()) {
      renew(name);
      await until(() => lines("server").length === index + 2);
    }
    expect(lines("server")).toEqual(["ready", "HUP", "HUP"]);
  });

  it("a server that ends is told once; the next one is left in peace", async () => {
    const running = await serve("server", "exit 0");
    await watch(shell, "restart");
    renew("second");
    await once(running, "exit");
    await serve("next");
    await looks();
    expect([lines("server"), lines("next"), lines("server-worker"), lines("next-worker")]).toEqual([
      ["ready", "TERM"],
      ["ready"],
      ["ready"],
      ["ready"],
    ]);
  });

  it("a server that serves on is told again after its grace, and no sooner", async () => {
    await serve("server");
    await watch(shell, "restart", 12);
    renew("second");
    await until(() => lines("server").length === 3);
    await looks();
    expect([lines("server"), lines("server-worker")]).toEqual([["ready", "TERM", "TERM"], ["ready"]]);
    expect(lines("slept").filter((seconds) => seconds !== "15")).toEqual(["5", "5", "2"]);
    expect(lines("said")).toEqual([
      "The certificate was renewed: the server is asked to restart.",
      "It still serves after 12 s: it is asked to stop at once.",
    ]);
  });

  it("a folder in the middle of a change is read again", async () => {
    await serve("server");
    await watch(shell, "reload");
    writeFileSync(at("changing"), "");
    renew("second");
    await looks();
    expect(lines("server")).toEqual(["ready"]);
    rmSync(at("changing"));
    await told("server", "HUP");
  });

  it("a folder that cannot be read for a while is read later", async () => {
    await serve("server");
    rmSync(join(tls, "tls.key"));
    const watching = watch(shell, "reload");
    await until(() => lines("slept").includes("5"));
    renew("first");
    await watching;
    rmSync(join(tls, "tls.key"));
    await looks();
    renew("second");
    await told("server", "HUP");
    await looks();
    expect(lines("server")).toEqual(["ready", "HUP"]);
  });

  it("it ends when it is told to, also while it waits for a server", async () => {
    await serve("server");
    const watching = await watch(shell, "restart", 86_400);
    renew("second");
    await told("server", "TERM");
    await until(() => lines("slept").includes("5"));
    const [inside] = childrenOf(watching.pid);
    process.kill(inside as number, "SIGTERM");
    expect(await once(watching, "exit")).toEqual([0, null]);
    await sleep(200);
    expect(lines("server")).toEqual(["ready", "TERM"]);
  });
});
