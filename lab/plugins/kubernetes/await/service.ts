/**
 * A Service is ready when a load balancer, where it asks for one, gave it an address, and when none of the pods that it
 * selects is unready. No pods at all are fine: upstream does not demand one.
 */
import { nameOf } from "../kinds.ts";
import { isRecord, pluck, pluckList, pluckText } from "../values.ts";
import { DEFAULTS, info, type Judge, type Message } from "./judge.ts";

/** Endpoints get this long without a change to settle. */
const SETTLE_MILLISECONDS = 10_000;

export const service: Judge = {
  ...DEFAULTS,
  needs: ["v1/endpoints"],
  judge({ object, related, quiet, once }) {
    const type = pluckText(object, "spec", "type") || "ClusterIP";
    const addressed = type !== "LoadBalancer" || pluckList(object, "status", "loadBalancer", "ingress").length > 0;
    const selector = pluck(object, "spec", "selector");
    const selects = isRecord(selector) && Object.keys(selector).length > 0;
    const named = type !== "ExternalName" && pluckText(object, "spec", "clusterIP") !== "None";

    const name = nameOf(object);
    const subsets = related("endpoints")
      .filter((endpoints) => nameOf(endpoints) === name)
      .flatMap((endpoints) => pluckList(endpoints, "subsets"));
    const has = (addresses: string) => subsets.some((subset) => pluckList(subset, addresses).length > 0);
    const [ready, pending] = [has("addresses"), has("notReadyAddresses")];
    const settled = once || (quiet("endpoints", name) ?? 0) >= SETTLE_MILLISECONDS;
    const done = addressed && (!named || !selects || (settled && !pending));

    const status: Message[] = once ? [] : [info("[1/3] Finding Pods to direct traffic to")];
    if (named && selects && done) status.push(info("✅ Service initialization complete"));
    else if (named && selects && settled && ready)
      status.push(info("[2/3] Attempting to allocate IP address to Service"));
    const reasons: string[] = [];
    if (named && !ready) {
      reasons.push(
        "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match " +
          "labels on any Pods",
      );
    }
    if (named && !addressed) {
      reasons.push("Service was not allocated an IP address; does your cloud provider support this?");
    }
    return { ready: done, acceptable: addressed && !pending, status, reasons };
  },
};
