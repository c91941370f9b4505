import { afterAll, beforeAll, expect, it } from "vitest";
import { Checkout, ok } from "./helpers/checkout.ts";
import { containerNames, resetEngine } from "./helpers/engine.ts";

let checkout: Checkout;
beforeAll(async () => {
  await resetEngine();
  checkout = await Checkout.create();
});
afterAll(async () => {
  const down = await checkout.npm("down", "--yes", "--volumes");
  checkout.remove();
  ok(down);
});

it.each([
  [
    "search",
    ["nchat_meilisearch", "nchat_meilisearch-setup", "nchat_meilisearch-upgrade"],
    "Checking MeiliSearch (port 7700)... ✓ OK",
  ],
  ["rtc", ["nchat_livekit"], "Checking LiveKit (port 7880)... ✓ OK"],
  ["streaming", ["nchat_rtmp"], "Checking RTMP Stats (port 8088)... ✓ OK"],
])("%s runs without the others", async (service, containers, line) => {
  const others = ["search", "rtc", "streaming"].filter((other) => other !== service);
  checkout.configure({
    [`${service}:enabled`]: undefined,
    ...Object.fromEntries(others.map((other) => [`${other}:enabled`, false])),
  });
  ok(await checkout.npm("up", "--yes"));
  expect(await containerNames()).toEqual(containers);
  const ran = await checkout.npm("verify");
  expect(ran.all).toContain(line);
  expect(ran.all).toContain("– skipped: switched off");
  ok(ran);
});
