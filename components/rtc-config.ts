import * as pulumi from "@pulumi/pulumi";
import type { MediaPorts } from "./settings-values.ts";
import { fillYaml, readTemplate } from "./templates.ts";

/** The built-in TURN server, an external one, both or none. */
export interface Turn {
  /** Host name of the built-in server; turns it on. */
  readonly domain?: string | undefined;
  readonly udpPort?: number | undefined;
  /** Behind a proxy that ends the TLS. */
  readonly tlsPort?: number | undefined;
  readonly external?: { readonly host: string; readonly port: number; readonly secret: string } | undefined;
}

export interface LivekitConfigArgs {
  readonly port: number;
  readonly tcpPort: number;
  readonly mediaPorts: MediaPorts;
  /** Address that clients are told. */
  readonly nodeAddress: pulumi.Input<string>;
  readonly maxParticipants: number;
  readonly emptyTimeout: number;
  readonly logLevel: string;
  readonly turn: Turn;
}

/** The server's configuration file. It holds a secret where there is an external TURN server. */
export function livekitConfig(args: LivekitConfigArgs): pulumi.Output<string> {
  return pulumi.output(args.nodeAddress).apply((nodeAddress) => renderLivekit({ ...args, nodeAddress }));
}

export function renderLivekit(args: LivekitConfigArgs & { readonly nodeAddress: string }): string {
  const { mediaPorts: media, turn } = args;
  const oneUdpPort = media.first === media.last;
  return fillYaml(readTemplate("livekit.yaml"), [
    [["port"], args.port],
    [["rtc", "tcp_port"], args.tcpPort],
    [["rtc", "udp_port"], oneUdpPort ? media.first : undefined],
    [["rtc", "port_range_start"], oneUdpPort ? undefined : media.first],
    [["rtc", "port_range_end"], oneUdpPort ? undefined : media.last],
    [["rtc", "node_ip"], args.nodeAddress],
    [["rtc", "turn_servers"], turn.external ? [{ ...turn.external, protocol: "udp" }] : undefined],
    [["room", "max_participants"], args.maxParticipants],
    [["room", "empty_timeout"], args.emptyTimeout],
    [["logging", "level"], args.logLevel],
    ...(turn.domain
      ? [
          [["turn", "domain"], turn.domain] as const,
          [["turn", "udp_port"], turn.udpPort] as const,
          [["turn", "tls_port"], turn.tlsPort] as const,
          [["turn", "external_tls"], turn.tlsPort ? true : undefined] as const,
        ]
      : [[["turn"], undefined] as const]),
  ]);
}
