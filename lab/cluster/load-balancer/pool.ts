/** What main.ts prints when it has started to work; whoever started it waits for it. */
export const readyLine = "watching Services";

/** The parts of a Service that decide its address. */
export interface ServiceView {
  readonly uid: string;
  /** When it was made: of two that claim one address, the older one has it. */
  readonly created: number;
  /** Type LoadBalancer, of no class: one with a class is somebody else's. */
  readonly wanted: boolean;
  /** What its status says. */
  readonly held: string | undefined;
  /** `spec.loadBalancerIP`. */
  readonly requested: string | undefined;
}

/**
 * Which address every Service is to have, by uid. A valid address that a Service holds stays; a request is met when it is
 * free; all others get the lowest free one, and nothing when there is none.
 */
export function assign(services: readonly ServiceView[], pool: readonly string[]): Map<string, string | undefined> {
  const free = new Set(pool);
  const addresses = new Map<string, string | undefined>();
  const take = ({ uid }: ServiceView, address: string | undefined) => {
    if (addresses.has(uid) || address === undefined || !free.delete(address)) return;
    addresses.set(uid, address);
  };
  const byAge = [...services].sort((a, b) => a.created - b.created || (a.uid < b.uid ? -1 : 1));
  const wanting = byAge.filter(({ wanted }) => wanted);

  for (const service of wanting) if ((service.requested ?? service.held) === service.held) take(service, service.held);
  for (const service of wanting) take(service, service.requested);
  // A request that nobody can meet stays pending, as with a cloud: another address would be a surprise.
  for (const service of wanting) if (service.requested === undefined) take(service, [...free][0]);
  return new Map(services.map(({ uid }) => [uid, addresses.get(uid)]));
}
