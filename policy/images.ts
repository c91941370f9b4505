import { eachContainer } from "./pods.ts";
import { isDocker, type ResourceRule, text } from "./rule.ts";

/** Tags that name whatever was pushed last. */
const FLOATING = /^(latest|stable|edge|main|master|nightly|dev|develop|\d+|v\d+)(-[a-z]+)?$/;

/** What is wrong with an image's name; undefined where it always means the same, or as good as. */
export function imageProblem(image: string | undefined): string | undefined {
  if (image === undefined || image.includes("@sha256:") || image.startsWith("sha256:")) return undefined;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  if (tag === undefined) return `${image} has no tag. Name a release or a digest: ${image}:v1.2.3`;
  if (FLOATING.test(tag)) {
    return `the tag of ${image} moves. Name a release, or pin what it is today: ${image}@sha256:…`;
  }
  return undefined;
}

const problems = (image: unknown) => [imageProblem(text(image))].filter((problem) => problem !== undefined);

export const imageRules: readonly ResourceRule[] = [
  {
    name: "kubernetes-image-pinned",
    description: "Images of pods name a release or a digest, so that every pod of a workload runs the same program.",
    level: "mandatory",
    check: (resource) => eachContainer(resource, ({ props }) => problems(props.image)),
  },
  {
    name: "docker-image-pinned",
    description: "Images of containers name a release or a digest, so that two developers run the same program.",
    // nginx-rtmp's has no releases: on a laptop that is a remark.
    level: "advisory",
    check: (resource) => (isDocker("remoteImage:RemoteImage", resource) ? problems(resource.props.name) : []),
  },
];
