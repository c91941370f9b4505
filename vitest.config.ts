import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
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
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
