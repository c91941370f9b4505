import type Docker from "dockerode";
import { LABELS, MANAGED_BY, type Names } from "./docker-names.ts";
import type { Item } from "./inventory.ts";
import { portsInUse } from "./ports-in-use.ts";
import type { PublishedPort } from "./settings-rules.ts";

/** What the stack is about to ask of the engine. */
export interface Wanted {
  readonly names: Names;
  /** Names without the prefix. */
  readonly containers: readonly Item[];
  readonly volumes: readonly Item[];
  readonly ports: readonly PublishedPort[];
  readonly bindAddress: string;
}

/** What is on the engine already. */
export interface Found {
  /** Containers of this stack's state. */
  readonly ours: readonly Docker.ContainerInfo[];
  readonly foreign: readonly Docker.ContainerInfo[];
  readonly volumes: readonly Docker.VolumeInspectInfo[];
  /** The engine publishes ports on this machine, so that what other processes hold can be tried. */
  readonly local: boolean;
}

/** What somebody else has that the stack would need: a sentence each, with the ways out. */
export async function conflicts(wanted: Wanted, found: Found): Promise<string[]> {
  return [
    ...wanted.containers.flatMap((item) => strangerContainer(wanted.names, item, found.foreign)),
    ...wanted.volumes.flatMap((item) => strangerVolume(wanted.names, item, found.volumes)),
    ...(await takenPorts(wanted, found)),
  ];
}

function strangerContainer(
  names: Names,
  { name, enabledBy }: Item,
  foreign: readonly Docker.ContainerInfo[],
): string[] {
  const full = names.container(name);
  const stranger = foreign.find(({ Names: [other] }) => other === `/${full}`);
  if (!stranger) return [];
  return stranger.Labels[LABELS.managedBy] === MANAGED_BY
    ? [
        `The container ${full} was made by another checkout or an earlier state of this program. Run \`npm run down\` there, or remove it: docker rm -f ${full} (its data volume stays)`,
      ]
    : [
        `A container named ${full} exists that this program did not make (image ${stranger.Image}); the core backend can run its own. Stop and remove that one, switch ours off (pulumi config set ${enabledBy} false), or give ours other names (pulumi config set platform:prefix nchat-ext)`,
      ];
}

function strangerVolume(
  names: Names,
  { name, enabledBy }: Item,
  volumes: readonly Docker.VolumeInspectInfo[],
): string[] {
  const full = names.volume(name);
  const found = volumes.find(({ Name }) => Name === full);
  if (!found || found.Labels?.[LABELS.managedBy] === MANAGED_BY) return [];
  return [
    `A volume named ${full} exists that this program did not make; its data is left alone. Switch our service off (pulumi config set ${enabledBy} false), or give ours other names (pulumi config set platform:prefix nchat-ext)`,
  ];
}

async function takenPorts({ ports, bindAddress }: Wanted, { ours, foreign, local }: Found): Promise<string[]> {
  const holds = (container: Docker.ContainerInfo, protocol: string, port: number) =>
    container.Ports.some(({ PublicPort, Type }) => PublicPort === port && Type === protocol);
  const numbers = ports.flatMap(({ key, protocol, first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => ({ key, protocol, port: first + index })),
  );
  const open = numbers.filter(({ protocol, port }) => !ours.some((container) => holds(container, protocol, port)));
  const busy = local ? await portsInUse(open, bindAddress) : [];

  const taken = new Map<string, string>();
  for (const { key, protocol, port } of open) {
    const holder = foreign.find((container) => holds(container, protocol, port));
    if (!taken.has(key) && (holder || busy.some((other) => other.port === port && other.protocol === protocol))) {
      const who = holder ? `the container ${holder.Names[0]?.slice(1)}` : "another process";
      taken.set(
        key,
        `${key}: ${protocol} port ${port} is held by ${who}. Stop it, or choose another port: pulumi config set ${key} …`,
      );
    }
  }
  return [...taken.values()];
}
