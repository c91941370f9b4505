// Loaded before the Pulumi program: Node from 22.18 on runs TypeScript by itself, older ones need tsx.
if (!process.features.typescript) await import("tsx");
