import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { apiKey, keyUid } from "../../components/search/keys.ts";
import { kindOf, objects } from "./helpers/cluster.ts";
import { ALL, askCluster, begin, EXISTING, run, SEED, SET_A_BUCKET, start, warn } from "./helpers/prod-program.ts";
import { inputs, registered } from "./helpers/recorded.ts";
import { failure, resolved } from "./helpers/recorder.ts";

const previousResources = vi.hoisted(() => vi.fn(async (): Promise<object[]> => []));
vi.mock("../../components/previous.ts", () => ({ previousResources }));
beforeEach(begin);

describe("what is there already", () => {
  it("a namespace is joined, not made", async () => {
    await run({ "platform:createNamespace": "false", "platform:namespace": "chat" });
    expect(objects(registered)).toEqual(ALL.filter((name) => !name.startsWith("Namespace ")));
    expect(inputs("StatefulSet", "meilisearch").metadata.namespace).toBe("chat");
  });

  it("Secrets are read, and nothing is generated", async () => {
    const outputs = await run({
      "search:existingSecret": "keys",
      "rtc:existingSecret": "keys",
      "streaming:existingSecret": "keys",
    });
    const read = registered.filter((resource) => resource.read);
    expect(read.map(({ type, name, read, options }) => [type, name, read, options])).toEqual(
      Array(3).fill(["kubernetes:core/v1:Secret", "existing-keys", "nself-chat/keys", expect.anything()]),
    );
    expect(registered.filter(({ type }) => type.endsWith(":RandomPassword"))).toEqual([]);
    expect(objects(registered)).toEqual(ALL);
    const { indexer, tenant } = (await resolved(outputs.searchKeys)) ?? {};
    expect(indexer).toBe(apiKey(EXISTING.MEILISEARCH_MASTER_KEY, keyUid(SEED, "indexer", 1)));
    expect(await resolved(outputs.frontendEnv.secret)).toEqual({
      ...EXISTING,
      MEILISEARCH_MASTER_KEY: indexer,
      MEILISEARCH_TENANT_KEY: tenant,
      MEILISEARCH_TENANT_KEY_UID: keyUid(SEED, "tenant", 1),
    });
    expect(inputs("Secret", "livekit-secrets").stringData).toEqual({
      "run.livekit.keys.yaml": "kept-api-key: kept-api-secret",
    });
    for (const secret of Object.values(EXISTING)) {
      const holders = registered.filter(({ inputs }) => JSON.stringify(inputs).includes(secret));
      expect([secret, [...new Set(holders.map(kindOf))]]).toEqual([secret, ["Secret"]]);
    }
  });

  it("a Secret without the key is refused", async () => {
    const error = await failure(() => start({ "search:existingSecret": "other" }));
    expect(error).toMatchObject({
      __pulumiRunError: true,
      // Pulumi says before it where it came up.
      message: expect.stringMatching(/: The Secret other has no key MEILISEARCH_MASTER_KEY\.$/),
    });
  });
});

it("an older MeiliSearch than runs is refused before the cluster is asked, and a later one is not", async () => {
  previousResources.mockResolvedValue([
    { type: "nself:service:Rtc", outputs: { runs: "livekit/livekit-server:v99.0.0" } },
    { type: "nself:service:Search", outputs: { runs: "getmeili/meilisearch:v1.50.0" } },
  ]);
  await expect(start({ "search:image": "getmeili/meilisearch:v1.49.9" })).rejects.toMatchObject({
    __pulumiRunError: true,
    message: expect.stringContaining(
      'search:image = "getmeili/meilisearch:v1.49.9" is older than getmeili/meilisearch:v1.50.0, which this stack runs: ',
    ),
  });
  expect(registered).toEqual([]);
  expect(askCluster).not.toHaveBeenCalled();
  await run({ "search:image": "getmeili/meilisearch:v1.51.0" });
  expect(objects(registered)).toEqual(ALL);
  previousResources.mockResolvedValue([]);
});

it("a mistake is a sentence without a stack trace, and registers nothing", async () => {
  await expect(run({ "search:replicas": "2" })).rejects.toMatchObject({
    __pulumiRunError: true,
    message:
      'A setting needs a change:\n  - search:replicas = "2" cannot work: MeiliSearch keeps its index on one disk and knows of no other server, so a second one would answer from an index of its own. Set it to 1, and give it more memory and processors instead',
  });
  expect(registered).toEqual([]);
  expect(askCluster).not.toHaveBeenCalled();
});

describe("a cluster that does not answer", () => {
  beforeEach(() => {
    askCluster.mockResolvedValue({ unreachable: "prod at https://192.0.2.1 does not answer (ECONNREFUSED)" });
  });

  it("stops an update before anything is asked of it", async () => {
    await expect(run()).rejects.toMatchObject({
      __pulumiRunError: true,
      message:
        "The cluster cannot take the stack as it is:\n  - prod at https://192.0.2.1 does not answer (ECONNREFUSED). Check the kubeconfig (kubectl cluster-info), platform:kubeconfig and platform:context",
    });
    expect(registered).toEqual([]);
  });

  it("does not stop a preview", async () => {
    const preview = vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
    await run();
    expect(objects(registered)).toEqual(ALL);
    expect(warn.mock.calls).toEqual([
      [
        "Not checked against the cluster: prod at https://192.0.2.1 does not answer (ECONNREFUSED). Classes, certificates and the namespace are taken as they are set.",
      ],
      [`Backups of search stay on its volume: set${SET_A_BUCKET}`],
    ]);
    preview.mockRestore();
  });
});
