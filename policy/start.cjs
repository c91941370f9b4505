// Pulumi's runner loads a pack with `require`, behind a compiler of its own that is older than our TypeScript. Node's
// loader reads the files as they are; before 22.18 it needs tsx for that.
// The SDK reads the pack's version from the package.json of the folder that it is in.
process.chdir(__dirname);
const ready = process.features.typescript ? Promise.resolve() : import("tsx");
ready.then(() => import("./index.ts"));
