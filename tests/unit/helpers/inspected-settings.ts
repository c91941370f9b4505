import { type Change, changed, LEAST, read } from "./settings.ts";

const SECRETS = ["search:backupSecretAccessKey", "search:embedderKey"];

export const settings = (change: Change) => read(changed(LEAST, change), SECRETS);

export const HOST = { "rtc:media": "hostNetwork" };
export const BY_GATEWAY = { "platform:traffic": "gateway", "platform:trafficClass": "envoy" };
export const RTMPS = { "streaming:rtmps": "true" };
export const TURN_TLS = { "rtc:turnDomain": "turn.example.com", "rtc:turnTlsPort": "5349" };
export const BY_SECRET = { "platform:tlsIssuer": undefined, "platform:tlsSecret": "wildcard" };
export const JOINED = { "platform:createNamespace": "false" };
