/** Published ports: what is sent to the engine, and what the stand-in reads back, ordered as the official provider. */
export interface Port {
  readonly internal: number;
  readonly external?: number;
  readonly ip?: string;
  readonly protocol?: string;
}
export interface Binding {
  HostIp?: string;
  HostPort?: string;
}
export type PortMap = { [port: string]: Binding[] | null };

export function toPortBindings(ports: readonly Port[]): { exposed: { [port: string]: object }; bindings: PortMap } {
  const exposed: { [port: string]: object } = {};
  const bindings: { [port: string]: Binding[] } = {};
  for (const { internal, external, ip, protocol } of ports) {
    const key = `${internal}/${protocol ?? "tcp"}`;
    exposed[key] = {};
    bindings[key] ??= [];
    // "0" makes the engine choose.
    bindings[key].push({ HostIp: ip ?? "", HostPort: String(external ?? 0) });
  }
  return { exposed, bindings };
}

/** By container port; the bindings of one port stay in the engine's order, and unpublished ones drop out. */
export function flattenPorts(found: PortMap | undefined): Required<Port>[] {
  const sorted = Object.entries(found ?? {}).sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return sorted.flatMap(([key, bindings]) => {
    const [internal, protocol = "tcp"] = key.split("/");
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      internal: Number(internal),
      external: Number(HostPort ?? 0),
      ip: HostIp ?? "",
      protocol,
    }));
  });
}

/**
 * The official provider's rule for a changed `ports` list (suppressIfPortsDidNotChangeForMigrationV0ToV1): another
 * order is no change, as long as every old port finds an equal one.
 */
export function samePorts(olds: readonly Port[], nows: readonly Port[]): boolean {
  if (olds.length !== nows.length) return false;
  // A port that the engine chose stays, by its place in the list.
  const news = nows.map((port, index) => ({ ...port, external: port.external ?? olds[index]?.external }));
  return olds.every((old) => {
    for (const now of news) {
      if (now.internal !== old.internal) continue;
      if (now.protocol !== old.protocol) {
        const elsewhere = news.some((port) => port.internal === old.internal && port.protocol === old.protocol);
        if (elsewhere) continue;
        return false;
      }
      return now.external === old.external && now.ip === old.ip;
    }
    return false;
  });
}
