/** Stand-in for docker.Network. Refused: `ingress` (swarm). */
import type { NetworkInspectInfo } from "dockerode";
import { resource } from "../shared/resource.ts";
import { bool, map, object, set, str } from "../shared/schema.ts";
import { docker, ifFound, step } from "./client.ts";
import { fromLabels, given, type Label, toLabels } from "./labels.ts";
import { removeWhenFree } from "./poll.ts";

type Texts = { [key: string]: string };
interface IpamConfig {
  subnet?: string;
  ipRange?: string;
  gateway?: string;
  auxAddress?: Texts;
}
interface NetworkInputs {
  name: string;
  labels?: Label[];
  driver?: string;
  options?: Texts;
  internal?: boolean;
  attachable?: boolean;
  ipv6?: boolean;
  ipamDriver: string;
  ipamOptions?: Texts;
  ipamConfigs?: IpamConfig[];
}

const forceNew = { forceNew: true } as const;
const computed = { forceNew: true, computed: true } as const;

export const network = resource<NetworkInputs>({
  fields: {
    name: str({ required: true, ...forceNew }),
    labels: set(object({ label: str({ required: true }), value: str({ required: true }) }), forceNew),
    driver: str(computed),
    options: map(computed),
    internal: bool(computed),
    attachable: bool(forceNew),
    ipv6: bool(forceNew),
    ipamDriver: str({ default: "default", ...forceNew }),
    ipamOptions: map(forceNew),
    ipamConfigs: set(object({ subnet: str(), ipRange: str(), gateway: str(), auxAddress: map() }), computed),
  },
  outputs: ["scope", "ingress"],
  autoNamed: true,
  deleteBeforeReplace: false,

  async create(inputs) {
    const client = await docker();
    const created = await step("Unable to create network", client.createNetwork(toRequest(inputs)));
    return { id: created.id, state: stateOf(await created.inspect()) };
  },
  async read(id) {
    const found: NetworkInspectInfo | undefined = await ifFound((await docker()).getNetwork(id).inspect());
    return found && { id, state: stateOf(found) };
  },
  update: async (_id, _state, planned) => ({ ...planned }),
  async delete(id) {
    const client = await docker();
    await removeWhenFree(() => client.getNetwork(id).remove(), "has active endpoints");
  },
});

function toRequest(inputs: NetworkInputs) {
  const config = (inputs.ipamConfigs ?? []).map(({ subnet, ipRange, gateway, auxAddress }) => ({
    ...(subnet && { Subnet: subnet }),
    ...(ipRange && { IPRange: ipRange }),
    ...(gateway && { Gateway: gateway }),
    ...(given(auxAddress) && { AuxiliaryAddresses: auxAddress }),
  }));
  return {
    Name: inputs.name,
    // Docker before 25 would else make a second network of the same name.
    CheckDuplicate: true,
    Labels: fromLabels(inputs.labels),
    ...(inputs.driver && { Driver: inputs.driver }),
    Options: inputs.options ?? {},
    Internal: inputs.internal ?? false,
    Attachable: inputs.attachable ?? false,
    EnableIPv6: inputs.ipv6 ?? false,
    IPAM: {
      Driver: inputs.ipamDriver,
      ...(config.length > 0 && { Config: config as never }),
      ...(given(inputs.ipamOptions) && { Options: inputs.ipamOptions as Texts }),
    },
  };
}

function stateOf(found: NetworkInspectInfo) {
  const subnets = (found.IPAM?.Config ?? []) as { [key: string]: string | Texts | undefined }[];
  return {
    name: found.Name,
    labels: toLabels(found.Labels),
    driver: found.Driver,
    options: found.Options ?? {},
    internal: found.Internal,
    attachable: found.Attachable,
    ingress: found.Ingress,
    ipv6: found.EnableIPv6,
    ipamDriver: found.IPAM?.Driver ?? "",
    ipamOptions: found.IPAM?.Options ?? {},
    scope: found.Scope,
    ipamConfigs: subnets.map(({ Subnet, IPRange, Gateway, AuxiliaryAddresses }) => ({
      ...(Subnet && { subnet: Subnet }),
      ...(IPRange && { ipRange: IPRange }),
      ...(Gateway && { gateway: Gateway }),
      ...(AuxiliaryAddresses && { auxAddress: AuxiliaryAddresses }),
    })),
  };
}
