import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** End-to-end files by their path, always: Vitest's own order depends on the run before. */
class ByPath extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const e2e = files.filter(({ project }) => project.name === "e2e");
    const others = await super.sort(files.filter((file) => !e2e.includes(file)));
    return [...others, ...e2e.sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: ByPath },
    projects: [
      // A busy machine is no failure: the limit only ends what hangs.
      { test: { name: "unit", include: ["tests/unit/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          globalSetup: "tests/e2e/helpers/setup.ts",
          // One engine, one set of ports: files come one after the other, and what a file does builds on itself.
          fileParallelism: false,
          bail: 1,
          testTimeout: 300_000,
          // The first hook that needs the cluster builds it: more than an hour on a slow machine.
          hookTimeout: 5_400_000,
        },
      },
    ],
  },
});
