import { pins } from "./pins.ts";
import { pluginParts } from "./plugins.ts";

/** One part of the lab, and whether it is the real program or only answers like it. */
export interface LabPart {
  readonly name: string;
  readonly standIn: boolean;
}

/** What the lab is made of on this machine: official plugins that are already here are used as they are. */
export async function labParts(): Promise<LabPart[]> {
  return [
    { name: `Pulumi CLI and engine ${pins.pulumi}`, standIn: false },
    { name: "Docker Engine", standIn: false },
    { name: `LiveKit ${pins.livekit}`, standIn: false },
    { name: "nginx with the RTMP module, and with the stream module", standIn: false },
    { name: "MeiliSearch server", standIn: true },
    ...(await pluginParts()),
  ];
}

/** For messages: `["Docker Engine", ...]`. */
export const realParts = async () => (await labParts()).filter((part) => !part.standIn).map(({ name }) => name);

/** For messages: `["MeiliSearch server", ...]`. */
export const standIns = async () => (await labParts()).filter((part) => part.standIn).map(({ name }) => name);
