import { isDocker, list, missing, object, type Properties, type ResourceRule, text, UNKNOWN } from "./rule.ts";
import { isSecretName, secretForm } from "./secrets.ts";

/** Shorter ones are guessed. */
const SECRET_LENGTH = 16;

const rule = (
  name: string,
  description: string,
  check: (props: Properties) => readonly string[],
  level: ResourceRule["level"] = "mandatory",
): ResourceRule => ({
  name,
  description,
  level,
  check: (resource) => (isDocker("container:Container", resource) ? check(resource.props) : []),
});

const isLoopback = (ip: unknown) => ip === UNKNOWN || ip === "::1" || /^127\./.test(text(ip) ?? "");

export const dockerRules: readonly ResourceRule[] = [
  rule("docker-loopback", "Ports are published on this machine only.", ({ ports, networkMode }) => [
    ...list(ports).flatMap((port) => {
      const { ip, internal, external } = object(port);
      if (isLoopback(ip)) return [];
      const where = missing(ip) ? "every address of this machine" : String(ip);
      return [`port ${external ?? internal} is published on ${where}. Set ip to 127.0.0.1`];
    }),
    ...(networkMode === "host" ? ["it is on the network of the machine. Publish its ports instead"] : []),
  ]),
  rule(
    "docker-unprivileged",
    "A container has no rights over its machine.",
    ({ privileged, volumes, mounts, pidMode }) => [
      ...(privileged === true ? ["it is privileged. Set privileged to false"] : []),
      ...(pidMode === "host" ? ["it sees the processes of the machine. Leave pidMode out"] : []),
      ...[
        ...list(volumes).map((volume) => object(volume).hostPath),
        ...list(mounts).map((mount) => object(mount).source),
      ]
        .filter((path) => /docker\.sock$/.test(text(path) ?? ""))
        .map((path) => `it gets ${path}, and with it the whole machine. Leave that mount out`),
    ],
  ),
  rule("docker-capabilities", "Capabilities are dropped, and those that are needed are named.", ({ capabilities }) => {
    if (capabilities === UNKNOWN) return [];
    const { drops } = object(capabilities);
    return list(drops).includes("ALL")
      ? []
      : ['it keeps capabilities that it may not need. Set capabilities.drops to ["ALL"]'];
  }),
  rule("docker-memory", "A container cannot take all memory of its machine.", ({ memory }) =>
    missing(memory) || memory === 0 ? ["it has no limit. Set memory, in MiB"] : [],
  ),
  rule("docker-secret-env", "Variables hold no secret that can be guessed, or that is known by its form.", ({ envs }) =>
    list(envs).flatMap((line) => {
      const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text(line) ?? "") ?? [];
      const form = secretForm(value);
      if (form) return [`the variable ${name} holds ${form}. Hand it over as an uploaded file`];
      return isSecretName(name) && value.length > 0 && value.length < SECRET_LENGTH
        ? [`the secret in ${name} has ${value.length} characters. Use ${SECRET_LENGTH} or more, generated ones`]
        : [];
    }),
  ),
];
