import * as pulumi from "@pulumi/pulumi";

/** What the three services offer to the app; undefined for one that is switched off. */
export interface ServiceOutputs {
  readonly search?:
    | {
        readonly url: Text;
        readonly appKey: Text;
        /** Absent where browsers are to bring tenant tokens. */
        readonly searchKey: Text | undefined;
        /** What the app's server makes tenant tokens of. */
        readonly tenant: { readonly key: Text; readonly uid: Text };
      }
    | undefined;
  readonly rtc?:
    | {
        readonly url: Text;
        readonly httpUrl: Text;
        readonly apiKey: Text;
        readonly apiSecret: Text;
        readonly turnHost?: string | undefined;
      }
    | undefined;
  readonly streaming?:
    | {
        readonly ingestUrl: Text;
        readonly hlsUrl: Text;
        readonly dashUrl: Text;
        /** Absent where statistics are not public. */
        readonly statsUrl?: Text | undefined;
        readonly publishKey?: Text | undefined;
      }
    | undefined;
}
type Text = pulumi.Output<string>;
type Variables = Record<string, pulumi.Input<string>>;

/** The app's environment: variable names to values. */
export interface FrontendEnv {
  /** Safe in a browser's bundle. */
  readonly public: Variables;
  /** For the app's server only. */
  readonly secret: Variables;
}

/**
 * Two families of names, because the app's code and its written spec differ; no value ends in a slash.
 * LIVEKIT_URL is read by the server and handed on to browsers, so it is the public one. MEILISEARCH_MASTER_KEY is the
 * name that the app knows: what it gets under it may well be less.
 */
export function frontendEnv({ search, rtc, streaming }: ServiceOutputs): FrontendEnv {
  const open: Variables = {
    ...(search && {
      NEXT_PUBLIC_MEILISEARCH_URL: search.url,
      ...(search.searchKey && {
        NEXT_PUBLIC_MEILISEARCH_PUBLIC_KEY: search.searchKey,
        NEXT_PUBLIC_MEILISEARCH_KEY: search.searchKey,
      }),
    }),
    ...(rtc && {
      NEXT_PUBLIC_LIVEKIT_URL: rtc.url,
      LIVEKIT_URL: rtc.url,
      VITE_LIVEKIT_URL: rtc.url,
      // Recording a call needs LiveKit's egress, which this project does not run.
      NEXT_PUBLIC_RECORDING_ENABLED: "false",
      ...(rtc.turnHost && { TURN_SERVER_URL: rtc.turnHost }),
    }),
    ...(streaming && {
      NEXT_PUBLIC_STREAM_INGEST_URL: streaming.ingestUrl,
      NEXT_PUBLIC_HLS_BASE_URL: streaming.hlsUrl,
      NEXT_PUBLIC_DASH_BASE_URL: streaming.dashUrl,
      NEXT_PUBLIC_RTMP_URL: streaming.ingestUrl,
      ...(streaming.statsUrl && { NEXT_PUBLIC_RTMP_STATS_URL: streaming.statsUrl }),
      NEXT_PUBLIC_HLS_URL: streaming.hlsUrl,
    }),
  };
  const secret: Variables = {
    ...(search && {
      MEILISEARCH_MASTER_KEY: pulumi.secret(search.appKey),
      MEILISEARCH_TENANT_KEY: pulumi.secret(search.tenant.key),
      MEILISEARCH_TENANT_KEY_UID: search.tenant.uid,
    }),
    ...(rtc && { LIVEKIT_API_KEY: pulumi.secret(rtc.apiKey), LIVEKIT_API_SECRET: pulumi.secret(rtc.apiSecret) }),
    ...(streaming?.publishKey && { RTMP_PUBLISH_KEY: pulumi.secret(streaming.publishKey) }),
  };
  return { public: open, secret };
}

/** Origins for the `connect-src` of the app's Content-Security-Policy, in a fixed order. */
export function connectSources({ search, rtc, streaming }: ServiceOutputs): pulumi.Output<string[]> {
  const urls = [search?.url, rtc?.url, rtc?.httpUrl, streaming?.hlsUrl].filter((url) => url !== undefined);
  return pulumi.all(urls).apply((all) => all.map((url) => `${new URL(url).protocol}//${new URL(url).host}`));
}
