/**
 * STAND-IN for Pulumi's docker provider plugin, for machines that cannot download the official one. It implements
 * RemoteImage, Network, Volume and Container on a real Docker Engine and behaves as the official provider for the
 * properties that it has. It refuses every other resource, function, property and provider setting.
 */

import { serveProvider } from "../shared/provider.ts";
import type { Provider } from "../shared/resource.ts";
import { str } from "../shared/schema.ts";
import { configureHost } from "./client.ts";
import { container } from "./container.ts";
import { remoteImage } from "./image.ts";
import { network } from "./network.ts";
import { volume } from "./volume.ts";

const provider: Provider = {
  name: "docker",
  /** Of @pulumi/docker, whose names and shapes these are. */
  version: "5.2.0",
  config: { host: str() },
  resources: {
    "docker:index/remoteImage:RemoteImage": remoteImage,
    "docker:index/network:Network": network,
    "docker:index/volume:Volume": volume,
    "docker:index/container:Container": container,
  },
  configure: ({ host }) => configureHost(typeof host === "string" ? host : undefined),
};

await serveProvider(provider);
