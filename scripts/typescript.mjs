// Loaded before the Pulumi program, which spends most of a preview on loading Pulumi's SDK.
import module from "node:module";

// Compiled code is kept between runs.
module.enableCompileCache?.(new URL("../node_modules/.cache/compiled", import.meta.url).pathname);

if (process.features.typescript) {
  // Node strips the types and keeps every line where it is, so the source maps that Pulumi's runner looks up for each
  // resource that is registered say nothing new. It sets its hook while it loads; this comes right after.
  setImmediate(() => {
    Error.prepareStackTrace = undefined;
  });
} else {
  // Node before 22.18 does not run TypeScript by itself.
  await import("tsx");
}
