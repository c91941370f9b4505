/**
 * STAND-IN for Pulumi's kubernetes provider plugin, for machines that cannot download the official one. It works on a
 * real Kubernetes API and behaves as the official provider for the kinds in `kinds.ts`: create, server-side apply,
 * replacement rules, waiting for readiness. It refuses every other kind, function, setting and annotation of Pulumi's.
 * Stricter than upstream in one thing: a field that the API does not know is an error, where upstream drops it.
 */
import { serveKubernetes } from "./provider.ts";

/** Of @pulumi/kubernetes, whose names and shapes these are. */
await serveKubernetes("4.34.2");
