/** An Ingress is ready when its controller gave it an address and each path's Service is there. */
import { nameOf } from "../kinds.ts";
import { pluckList, pluckText, quote } from "../values.ts";
import { DEFAULTS, info, type Judge, type Message, type View, warning } from "./judge.ts";

const SETTLE_MILLISECONDS = 10_000;
/** Where the namespace has no endpoints at all, there is nothing to settle. */
const NOTHING_MILLISECONDS = 60_000;

export const ingress: Judge = {
  ...DEFAULTS,
  needs: ["v1/endpoints", "v1/services"],
  judge(view) {
    const addressed = pluckList(view.object, "status", "loadBalancer", "ingress").length > 0;
    const missing = missingServices(view);
    // A Service that is still missing when all is quiet may never come: upstream goes on with a warning.
    const backed = missing.length === 0 || isSettled(view);
    const status: Message[] = view.once ? [] : [info("[1/3] Finding a matching service for each Ingress path")];
    if (backed) {
      status.push(...missing.map((path) => warning(`No matching service found for ingress rule: ${path}`)));
      status.push(
        info(
          addressed
            ? "✅ Ingress initialization complete"
            : "[2/3] Waiting for update of .status.loadBalancer with hostname/IP",
        ),
      );
    }
    const reasons: string[] = [];
    if (!backed) reasons.push("Ingress has at least one rule with an unavailable target endpoint.");
    if (!addressed) {
      reasons.push(
        "Ingress .status.loadBalancer field was not updated with a hostname/IP address. " +
          "\n    for more information about this error, see https://pulumi.io/xdv72s",
      );
    }
    return { ready: addressed && backed, status, reasons };
  },
};

function isSettled({ quiet, waitedMilliseconds, once }: View): boolean {
  const silence = quiet("endpoints");
  if (once) return true;
  return silence === undefined ? waitedMilliseconds >= NOTHING_MILLISECONDS : silence >= SETTLE_MILLISECONDS;
}

/** Paths whose Service has no endpoints object, unless it is a name for something outside. */
function missingServices({ object, related }: View): string[] {
  const known = new Set(related("endpoints").map(nameOf));
  const outside = related("services").filter((service) => pluckText(service, "spec", "type") === "ExternalName");
  for (const service of outside) known.add(nameOf(service));
  return pluckList(object, "spec", "rules").flatMap((rule) =>
    pluckList(rule, "http", "paths").flatMap((path) => {
      const service = pluckText(path, "backend", "service", "name");
      if (service === "" || known.has(service)) return [];
      const address = `${pluckText(rule, "host")}${pluckText(path, "path")}`;
      return [`${address === "" ? '"" (default path)' : quote(address)} -> ${quote(service)}`];
    }),
  );
}
