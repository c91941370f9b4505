/** The cluster's node, a name that no real machine is likely to have. */
export const nodeName = "nself-lab";

/** Holds the node's address and those of load balancers. They are this machine's own: nothing else can reach them. */
export const interfaceName = "nself-lab0";

export const podRange = "10.201.0.0/24";
export const serviceRange = "10.201.1.0/24";

/** The first of the range, by Kubernetes' own rule. */
export const apiServiceAddress = "10.201.1.1";
export const dnsAddress = "10.201.1.10";

/** Not the machine's own address: that one may change between two starts, and the cluster's data holds this one. */
export const nodeAddress = "10.201.2.254";

/** What Services of type LoadBalancer get, lowest first. */
export const loadBalancerPool: readonly string[] = Array.from({ length: 32 }, (_, index) => `10.201.2.${index + 1}`);

export const apiPort = 6443;
export const apiServer = `https://${nodeAddress}:${apiPort}`;

/** Of the processes on the node's address: Kubernetes' usual ones. */
export const ports = { kubelet: 10_250, kubeletHealth: 10_248, proxyHealth: 10_256, proxyMetrics: 10_249 } as const;
export const controllerPorts = { "controller-manager": 10_257, scheduler: 10_259 } as const;

/** etcd is on loopback, beside the mirror's port. */
export const etcdPort = 47_702;
export const etcdPeerPort = 47_703;
