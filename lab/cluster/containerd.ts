import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pauseReference } from "../build/cluster-images.ts";
import { debianPackages } from "../build/debian-packages.ts";
import { artefactDirectory } from "../cache.ts";
import type { Daemon } from "../daemon.ts";
import { mirrorAddress } from "../mirror.ts";
import { podRange } from "./addresses.ts";
import { containerdDirectory, containerdSocket, settingsDirectory, stateDirectory } from "./paths.ts";
import { canConnect } from "./probe.ts";

const configFile = join(settingsDirectory, "containerd.toml");
const registries = join(settingsDirectory, "registries");
const networks = join(settingsDirectory, "cni");

/** Not Docker's: an engine's containers and the node's pods must not see each other. */
export const containerd: Daemon = {
  name: "containerd",
  command: "containerd",
  args: [`--config=${configFile}`],
  mark: `--config=${configFile}`,
  isReady: () => canConnect(containerdSocket),
};

export async function writeContainerdSettings(): Promise<void> {
  await mkdir(join(registries, "_default"), { recursive: true });
  await mkdir(networks, { recursive: true });
  await mkdir(stateDirectory, { recursive: true });
  await writeFile(configFile, containerdConfig());
  await writeFile(join(registries, "_default", "hosts.toml"), mirrorOnly());
  await writeFile(join(networks, "10-nself-lab.conflist"), JSON.stringify(podNetwork(), null, 2));
}

/** TOML and JSON write strings alike. */
const quoted = (text: string) => JSON.stringify(text);

export const containerdConfig = () => `version = 2
root = ${quoted(containerdDirectory)}
state = ${quoted(join(stateDirectory, "containerd"))}

[grpc]
  address = ${quoted(containerdSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${quoted(join(containerdDirectory, "opt"))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quoted(pauseReference)}
  # Lowering a process's oom_score_adj takes a capability that containers and small virtual machines often lack.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${quoted(join(artefactDirectory(debianPackages), "usr", "lib", "cni"))}
    conf_dir = ${quoted(networks)}

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = ${quoted(registries)}
`;

/** Whatever registry an image names, the mirror is asked, and nobody else: what it lacks fails at once. */
const mirrorOnly = () => `server = ${quoted(`http://${mirrorAddress}`)}

[host.${quoted(`http://${mirrorAddress}`)}]
  capabilities = ["pull", "resolve"]
`;

/**
 * A cable from each pod to this machine, which routes between them. Not a bridge: a bridge shows packets between its pods
 * to the firewall only where the kernel has a module for it, and network policies are made of firewall rules.
 */
const podNetwork = () => ({
  cniVersion: "1.0.0",
  name: "nself-lab",
  plugins: [
    {
      type: "ptp",
      ipMasq: true,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: podRange }]],
        routes: [{ dst: "0.0.0.0/0" }],
        dataDir: join(stateDirectory, "addresses"),
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
});
