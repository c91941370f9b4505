/** A Secret that asks for a service account's token is ready when the token is in it; any other is ready at once. */
import { isRecord } from "../values.ts";
import { DEFAULTS, type Judge, plainTimeout } from "./judge.ts";

export const token: Judge = {
  ...DEFAULTS,
  onRead: false,
  needs: [],
  timeoutSeconds: 5,
  timeout: plainTimeout((name) => `Timeout occurred polling for '${name}'`),
  judge({ object }) {
    const filled = isRecord(object.data) && Object.keys(object.data).length > 0;
    return { ready: object.type !== "kubernetes.io/service-account-token" || filled, status: [], reasons: [] };
  },
};
