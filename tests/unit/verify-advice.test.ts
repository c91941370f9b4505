import { describe, expect, it } from "vitest";
import { readSettings } from "../../components/settings.ts";
import { checkAddresses } from "../../scripts/verify/rtc-addresses.ts";
import { adviceFor } from "../../scripts/verify/servers.ts";

/** Advice on a stack of these settings. */
const adviceOf = (stack: string, values: Readonly<Record<string, string>> = {}) =>
  adviceFor(stack, readSettings({ values, isSecret: () => false }));

const PROD = {
  "platform:kind": "kubernetes",
  "platform:namespace": "chat",
  "platform:domain": "chat.example.com",
  "platform:tlsSecret": "tls",
  "streaming:publish": "key",
  "streaming:image": `nginx-rtmp@sha256:${"0".repeat(64)}`,
  "frontend:origins": '["https://chat.example.com"]',
};

const HOST_NETWORK = { ...PROD, "rtc:media": "hostNetwork" };

describe("on Docker", () => {
  it("names containers by the prefix", () => {
    const { MeiliSearch, LiveKit, "RTMP Stats": streaming } = adviceOf("dev", { "platform:prefix": "other" });
    expect(MeiliSearch.notRunning).toBe(
      "Start it with `npm run up`; `docker logs other_meilisearch` says why it is not there.",
    );
    expect(LiveKit.otherStack).toBe(
      "The outputs seem to belong to another stack or to older keys: run `npm run up`, then `npm run verify`. Is other_livekit this stack's container?",
    );
    expect(LiveKit.seePorts).toBe(
      "Is the port published? `docker port other_livekit` lists those that are. Another address is told by rtc:nodeAddress.",
    );
    expect(streaming.seeLogs).toBe("`docker logs other_rtmp` says more.");
  });
});

describe("on Kubernetes", () => {
  it("names the stack, the namespace and what runs the pods", () => {
    const { MeiliSearch, LiveKit, "RTMP Stats": streaming } = adviceOf("prod", PROD);
    expect(MeiliSearch.notRunning).toBe(
      "Start it with `npm run up -- --stack prod`; `kubectl --namespace chat logs statefulset/meilisearch` says why it is not there.",
    );
    expect(MeiliSearch.otherStack).toBe(
      "The outputs seem to belong to another stack or to older keys: run `npm run up -- --stack prod`, then `npm run verify -- --stack prod`. Does its host name lead to statefulset/meilisearch in the namespace chat?",
    );
    expect(LiveKit.seeLogs).toBe("`kubectl --namespace chat logs statefulset/livekit` says more.");
    expect(LiveKit.seePorts).toBe(
      "Does the load balancer pass the port on? `kubectl --namespace chat get service livekit-public` lists its ports. Another address is told by rtc:nodeAddress.",
    );
    expect(streaming.seeLogs).toBe("`kubectl --namespace chat logs statefulset/rtmp` says more.");
  });

  it.each([
    ["several edges", {}, "deployment"],
    ["one edge", { "streaming:edgeReplicas": "1", "streaming:edgeMaxReplicas": "1" }, "statefulset"],
  ])("sends whoever gets no answer from streaming to %s", (_, edges, kind) => {
    expect(adviceOf("prod", { ...PROD, ...edges })["RTMP Stats"].notRunning).toContain(
      `\`kubectl --namespace chat logs ${kind}/rtmp-edge\``,
    );
  });

  it.each([
    ["the namespace beside it", {}, "chat-rtc"],
    ["a namespace of that name", { "rtc:hostNamespace": "calls" }, "calls"],
    ["there too when there are several", { "rtc:replicas": "2", "rtc:redisUrl": "redis://redis:6379" }, "chat-rtc"],
  ])("finds calls on the nodes' network in %s", (_, more, namespace) => {
    const { LiveKit, MeiliSearch } = adviceOf("prod", { ...HOST_NETWORK, ...more });
    expect(LiveKit.seeLogs).toBe(`\`kubectl --namespace ${namespace} logs deployment/livekit\` says more.`);
    expect(LiveKit.seePorts).toBe(
      `Is the port open on the nodes? \`kubectl --namespace ${namespace} get pods --output wide\` names those that have a server.`,
    );
    expect(MeiliSearch.seeLogs).toBe("`kubectl --namespace chat logs statefulset/meilisearch` says more.");
  });
});

it("goes with a media address at which nothing listens", async () => {
  const candidate = "candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype passive";
  const advice = adviceOf("prod", PROD).LiveKit;
  await expect(checkAddresses(async () => [candidate], "wss://livekit.chat.example.com", advice)).rejects.toMatchObject(
    {
      message: "nothing accepts TCP at 127.0.0.1:9, where clients without UDP are sent",
      advice: advice.seePorts,
    },
  );
});
