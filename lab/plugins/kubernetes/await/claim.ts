/** A PersistentVolumeClaim is ready when it is bound; where its class waits for a first consumer, while it is pending. */
import { nameOf } from "../kinds.ts";
import { pluckText, quote } from "../values.ts";
import { DEFAULTS, type Judge, type Message, plainTimeout, warning } from "./judge.ts";

export const claim: Judge = {
  ...DEFAULTS,
  onRead: false,
  needs: ["storage.k8s.io/v1/storageclasses"],
  timeoutSeconds: 300,
  timeout: plainTimeout((name) => `Timeout occurred polling for '${name}'`),
  judge({ object, before, related }) {
    const phase = pluckText(object, "status", "phase");
    const className = pluckText(object, "spec", "storageClassName");
    const storageClass = related("storageclasses").find((candidate) => nameOf(candidate) === className);
    const status: Message[] = [];
    if (className === "") status.push(warning(`no storage class found for ${quote(nameOf(object))}`));
    else if (storageClass === undefined) {
      const missing = `storageclasses.storage.k8s.io ${quote(className)} not found`;
      status.push(warning(`getting storagclass ${quote(className)}: ${missing}`));
    }
    const lazily = pluckText(storageClass, "volumeBindingMode") === "WaitForFirstConsumer";
    // Upstream's rule to the letter: one that is bound before the first look is not ready where binding is lazy.
    const ready = before !== undefined && phase === "Bound" ? true : phase === (lazily ? "Pending" : "Bound");
    return { ready, status, reasons: [] };
  },
};
