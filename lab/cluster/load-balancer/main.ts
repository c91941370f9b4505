// A stand-in for a cloud's load balancers, or MetalLB: gives Services addresses that this machine holds.
// kube-proxy does the rest. Arguments: a kubeconfig, then the addresses.
import {
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Service,
} from "@kubernetes/client-node";
import { assign, readyLine, type ServiceView } from "./pool.ts";

const retryMs = 2000;

const [kubeconfig = "", ...pool] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const api = config.makeApiClient(CoreV1Api);
const informer = makeInformer<V1Service>(config, "/api/v1/services", () => api.listServiceForAllNamespaces());

/** One round at a time; what happens during a round is looked at in the next one. */
let running = false;
let again = false;

async function reconcile(): Promise<void> {
  again = true;
  if (running) return;
  running = true;
  while (again) {
    again = false;
    await round().catch((error: Error) => {
      console.error(`${error.message}; trying again`);
      setTimeout(reconcile, retryMs);
    });
  }
  running = false;
}

async function round(): Promise<void> {
  const services = informer.list();
  const addresses = assign(services.map(view), pool);
  for (const service of services) {
    const address = addresses.get(service.metadata?.uid ?? "");
    const { wanted, held } = view(service);
    if (wanted && address === undefined)
      console.error(`${nameOf(service)}: no address is free, or not the one it asks for`);
    // A Service that never was one of ours has nothing to take back.
    if (address === held || (!wanted && !(held && pool.includes(held)))) continue;
    await setAddress(service, address);
  }
}

async function setAddress(service: V1Service, address: string | undefined): Promise<void> {
  const { name = "", namespace = "" } = service.metadata ?? {};
  const ingress = address ? [{ ip: address, ipMode: "VIP" }] : null;
  const body = { status: { loadBalancer: { ingress } } };
  const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  await api.patchNamespacedServiceStatus({ name, namespace, body }, options);
  console.log(`${nameOf(service)}: ${address ?? "no address any more"}`);
}

function view({ metadata, spec, status }: V1Service): ServiceView {
  return {
    uid: metadata?.uid ?? "",
    created: Number(metadata?.creationTimestamp ?? 0),
    wanted: spec?.type === "LoadBalancer" && !spec.loadBalancerClass && !metadata?.deletionTimestamp,
    held: status?.loadBalancer?.ingress?.[0]?.ip,
    requested: spec?.loadBalancerIP || undefined,
  };
}

const nameOf = ({ metadata }: V1Service) => `${metadata?.namespace}/${metadata?.name}`;

for (const event of ["add", "update", "delete"] as const) informer.on(event, () => void reconcile());
// The watch ended, as it does whenever the API server restarts.
informer.on("error", () => setTimeout(start, retryMs));

async function start(): Promise<void> {
  try {
    await informer.start();
    console.log(readyLine);
    await reconcile();
  } catch (error) {
    console.error(`${(error as Error).message}; trying again`);
    setTimeout(start, retryMs);
  }
}

await start();
