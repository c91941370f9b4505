import { execFileSync } from "node:child_process";
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { headline, MARK, readPreviews, redact, report } from "../../.github/scripts/preview-report.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const scripts = join(ROOT, ".github", "scripts");
const files = globSync("*.yml", { cwd: join(ROOT, ".github", "workflows") }).sort();
const text = (file: string) => readFileSync(join(ROOT, ".github", "workflows", file), "utf8");

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string };
  readonly jobs: Readonly<
    Record<
      string,
      { "timeout-minutes"?: number; "runs-on": string; permissions?: Record<string, string>; steps: { run?: string }[] }
    >
  >;
}

it("there are workflows for tests, previews and drift", () => {
  expect(files).toEqual(["drift.yml", "preview.yml", "test.yml"]);
});

describe.each(files)("%s", (file) => {
  const workflow = parse(text(file)) as Workflow;
  const jobs = Object.values(workflow.jobs);

  it("pins every action by its full commit, with the version beside it", () => {
    const uses = text(file)
      .split("\n")
      .filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
  it("may read and nothing else, unless a job says what for", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    const more = jobs.flatMap(({ permissions = {} }) =>
      Object.entries(permissions).flatMap(([scope, access]) => (access === "read" ? [] : [`${scope}: ${access}`])),
    );
    const allowed = { "preview.yml": ["pull-requests: write"], "drift.yml": ["issues: write"] }[file];
    expect(more).toEqual(allowed ?? []);
  });
  it("ends by itself, and does not run beside itself", () => {
    expect(workflow.concurrency?.group).toMatch(/^\w/);
    for (const job of jobs) expect(job["timeout-minutes"]).toBeLessThanOrEqual(30);
  });
  it("runs on a machine whose name does not move", () => {
    for (const job of jobs) expect(job["runs-on"]).toBe("ubuntu-24.04");
  });
  it("never runs a stranger's text or with a stranger's rights", () => {
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    const commands = jobs.flatMap(({ steps }) => steps.map(({ run = "" }) => run));
    expect(commands.filter((run) => run.includes("${{"))).toEqual([]);
  });
  it("leaves no token in the checkout", () => {
    expect(text(file).match(/actions\/checkout@/g)?.length).toBe(
      text(file).match(/persist-credentials: false/g)?.length,
    );
  });
});

describe("the report of previews", () => {
  const printed = `Previewing update (dev):
Resources:
    + 3 to create
    ~ 1 to update
    4 changes. 10 unchanged

Policies:
    ⚠️ nself-chat@v0.1.0
        - [advisory]  docker-image-pinned  (docker:index/container:Container: streaming)
`;

  it("says in a line what would happen", () => {
    expect(headline(printed)).toBe("3 to create, 1 to update, 1 policy finding");
    expect(headline("Resources:\n    12 unchanged\n")).toBe("nothing changes");
  });

  it("has the mark by which it is found again, a section for each stack, and failures open", () => {
    const body = report([
      { stack: "dev", text: printed, failed: false },
      { stack: "prod", text: "error: no cluster", failed: true },
    ]);
    expect(body.split("\n")[0]).toBe(MARK);
    expect(body).toContain("### dev: 3 to create, 1 to update, 1 policy finding\n\n<details><summary>");
    expect(body).toContain("### prod: the preview failed\n\n<details open><summary>");
  });

  it("shows no secret, whatever printed it", () => {
    const passphrase = "correct horse battery";
    const kubeconfig = "users:\n- token: abcdefgh-token\n";
    const leaky = `passphrase=${passphrase}; - token: abcdefgh-token`;
    const body = report([{ stack: "dev", text: leaky, failed: false }], [passphrase, kubeconfig, "", "dev"]);
    expect(body).toContain("passphrase=[secret]; [secret]");
    expect(body).toContain("### dev: nothing changes");
    expect(redact("abcdefgh-longer", ["abcdefgh", "abcdefgh-longer"])).toBe("[secret]");
  });

  it("fits into a comment, and its text cannot leave its fence", () => {
    const long = `\u001b[31mfirst\u001b[0m ${"x".repeat(90_000)} last`;
    const body = report([
      { stack: "dev", text: long, failed: false },
      { stack: "prod", text: "```\n</details> @everyone\n````", failed: false },
    ]);
    expect(body.length).toBeLessThan(65_536);
    expect(body).toContain("first xxx");
    expect(body).toMatch(/\n… \d+ characters left out; the run's log has them …\nx+ last\n/);
    expect(body).toContain("`````text\n```\n</details> @everyone\n````\n`````");
  });
});

describe("previews.sh", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "workflows-"));
    mkdirSync(join(folder, "bin"));
    fake("npm", `echo "$* token=\${PULUMI_ACCESS_TOKEN-unset}"; [ "$6" = dev ] || exit 3`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function fake(command: string, script: string) {
    writeFileSync(join(folder, "bin", command), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "bin", command), 0o755);
  }
  function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const path = `${join(folder, "bin")}${delimiter}${process.env.PATH}`;
    return execFileSync(join(scripts, script), args, {
      env: { PATH: path, GITHUB_OUTPUT: join(folder, "out"), ...env },
    }).toString();
  }

  /** What the script says, and `gh` is asked. */
  function drift(code: string, otherwise = ""): string {
    mkdirSync(join(folder, "drift"), { recursive: true });
    writeFileSync(join(folder, "drift", "prod.code"), `${code}\n`);
    const path = `${join(folder, "bin")}${delimiter}${process.env.PATH}`;
    return execFileSync("sh", ["-c", `${join(scripts, "drift-issue.sh")} drift.md ${otherwise}`], {
      cwd: folder,
      env: { PATH: path, GITHUB_REPOSITORY: "o/r" },
    }).toString();
  }

  it("shows the second stack though the first one failed, and takes an empty secret for none", () => {
    const out = join(folder, "previews");
    run("previews.sh", [out, "prod", "dev", "--expect-no-changes"], { PULUMI_ACCESS_TOKEN: "" });
    expect(readPreviews(out)).toEqual([
      { stack: "dev", text: "run --silent preview -- --stack dev --expect-no-changes token=unset\n", failed: false },
      { stack: "prod", text: "run --silent preview -- --stack prod --expect-no-changes token=unset\n", failed: true },
    ]);
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("previewed=true\n");
  });

  it("does nothing without a backend where one is needed", () => {
    const said = run("previews.sh", [join(folder, "drift"), "prod"], { NEEDS_BACKEND: "true" });
    expect(said).toContain("::notice::No backend: set the secret PULUMI_ACCESS_TOKEN");
    expect(globSync("drift/*", { cwd: folder })).toEqual([]);
  });

  it.each([
    ["0", false],
    ["7", false],
    ["1", true],
    ["255", true],
  ])("a preview that ends with %s: failed is %s", (code, failed) => {
    writeFileSync(join(folder, "prod.code"), `${code}\n`);
    writeFileSync(join(folder, "prod.txt"), "");
    expect(readPreviews(folder)).toEqual([{ stack: "prod", text: "", failed }]);
  });

  it.each([
    ["0", "", ""],
    ["0", "42\n43", "issue close 42 --comment It is again.\n"],
    ["7", "", "issue create --title prod is not as its program says --body-file drift.md\n"],
    ["7", "42", "issue edit 42 --body-file drift.md\n"],
  ])("one issue: prod's preview ends with %s, and %j is open", (code, open, call) => {
    fake("gh", `case "$*" in "issue list"*) printf '${open}' ;; *) echo "$*" ;; esac`);
    expect(drift(code)).toBe(call);
  });

  it.each(["1", "255"])("no issue, and a run that fails, where prod's preview failed with %s", (code) => {
    fake("gh", 'echo "$*"');
    expect(() => drift(code)).toThrow();
    expect(drift(code, "|| true")).toBe(
      `::error::The preview of prod failed (exit code ${code}), so that nothing is known of drift: its text is above and in the summary.\n`,
    );
  });

  it.each([
    ["", "api --silent --method POST repos/o/r/issues/7/comments --field body=@preview.md"],
    ["42\n43", "api --silent --method PATCH repos/o/r/issues/comments/42 --field body=@preview.md"],
  ])("one comment: with %j there before", (earlier, call) => {
    fake("gh", `case "$*" in *--paginate*) printf '${earlier}' ;; *) echo "$*" ;; esac`);
    const env = { GITHUB_REPOSITORY: "o/r", PULL: "7" };
    expect(run("comment.sh", ["preview.md"], env)).toBe(`${call}\n`);
  });
});
