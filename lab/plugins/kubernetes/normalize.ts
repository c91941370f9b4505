/**
 * Inputs as they will come back from the API server. The official provider gets there by way of Kubernetes' Go types;
 * here are the rules of those types that a program meets: zero values that Go leaves out, quantities, Secret data.
 */
import type { Properties, Value } from "../shared/properties.ts";
import type { Kind, KubernetesObject } from "./kinds.ts";
import { canonicalQuantity } from "./quantity.ts";
import { hasUnknowns, isRecord } from "./values.ts";

/** Fields whose Go type is a plain bool, number or string with `omitempty`: false, 0 and "" are the same as absent. */
const OMITTED_WHEN_ZERO = new Set([
  ..."globalDefault hostIPC hostNetwork hostPID paused publishNotReadyAddresses readOnly stdin stdinOnce tty".split(
    " ",
  ),
  ..."failureThreshold healthCheckNodePort hostPort initialDelaySeconds minReadySeconds nodePort".split(" "),
  ..."periodSeconds successThreshold audience clusterIP concurrencyPolicy dnsPolicy externalName".split(" "),
  ..."externalTrafficPolicy generateName host hostname imagePullPolicy medium podManagementPolicy".split(" "),
  ..."priorityClassName schedulerName scheme serviceAccount serviceAccountName sessionAffinity subPath".split(" "),
  ..."subPathExpr subdomain terminationMessagePath terminationMessagePolicy workingDir".split(" "),
]);
/** Lists that Go writes even when they are empty. */
const KEPT_WHEN_EMPTY = new Set(["containers", "paths", "rules", "nodeSelectorTerms", "sources"]);
const MAPS = new Set(
  "annotations binaryData data labels matchLabels nodeSelector stringData limits requests".split(" "),
);
/** In these, keys are the user's words and values are not to be touched. */
const FREE_MAPS = new Set("annotations binaryData data labels matchLabels nodeSelector stringData".split(" "));
const QUANTITY_MAPS = new Set(["limits", "requests", "overhead", "capacity"]);
const QUANTITIES = new Set(["sizeLimit", "divisor", "averageValue"]);
const READ_ONLY_METADATA = new Set([
  ..."creationTimestamp deletionGracePeriodSeconds deletionTimestamp generation".split(" "),
  ..."managedFields resourceVersion uid".split(" "),
]);

export function normalizeInputs(kind: Kind, object: KubernetesObject): KubernetesObject {
  const typed = kind.custom || hasUnknowns(object) ? object : (normalizeRecord(object as Properties) as typeof object);
  const normal = kind.kind === "Secret" && kind.group === "" && !hasUnknowns(object) ? secretData(typed) : typed;
  if (!isRecord(normal.metadata)) return normal;
  const kept = Object.entries(normal.metadata).filter(([key]) => !READ_ONLY_METADATA.has(key));
  return { ...normal, metadata: Object.fromEntries(kept) } as KubernetesObject;
}

function normalizeRecord(record: Properties, parent = ""): Properties {
  if (FREE_MAPS.has(parent)) return record;
  const entries = Object.entries(record).flatMap(([key, value]): [string, Value][] => {
    const normal = normalizeValue(key, value, record);
    return isOmitted(key, normal, parent) ? [] : [[key, normal]];
  });
  return Object.fromEntries(entries);
}

function normalizeValue(key: string, value: Value, siblings: Properties): Value {
  if (Array.isArray(value)) return value.map((item) => (isRecord(item) ? normalizeRecord(item, `${key}[]`) : item));
  if (isRecord(value)) return QUANTITY_MAPS.has(key) ? canonicalMap(value) : normalizeRecord(value, key);
  const isMetricTarget = key === "value" && /^(Utilization|Value|AverageValue)$/.test(String(siblings.type));
  if (!QUANTITIES.has(key) && !isMetricTarget) return value;
  return canonicalQuantity(String(value));
}

function isOmitted(key: string, value: Value, parent: string): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0 && !KEPT_WHEN_EMPTY.has(key);
  if (isRecord(value)) return MAPS.has(key) && Object.keys(value).length === 0;
  if (value !== "" && value !== 0 && value !== false) return false;
  if (key === "value") return parent === "env[]" || parent === "tolerations[]";
  if (key === "timeoutSeconds") return parent.endsWith("Probe");
  return OMITTED_WHEN_ZERO.has(key);
}

function canonicalMap(value: Properties): Properties {
  return Object.fromEntries(
    Object.entries(value).map(([name, amount]) => [name, canonicalQuantity(String(amount))] as const),
  );
}

/** The API server takes `stringData` and shows it as `data`, in base64, with any white space gone. */
function secretData(object: KubernetesObject): KubernetesObject {
  const { stringData, data, ...rest } = object;
  const given = isRecord(data) ? data : {};
  const texts = isRecord(stringData) ? stringData : {};
  if (Object.keys(texts).length === 0) {
    const reencoded = Object.entries(given).map(([key, value]) => [key, reencode(String(value))]);
    return data === undefined ? rest : { ...rest, data: Object.fromEntries(reencoded) };
  }
  const encoded = Object.entries(texts).map(([key, text]) => [key, Buffer.from(String(text)).toString("base64")]);
  return { ...rest, data: { ...given, ...Object.fromEntries(encoded) } };
}

/** Go's decoder passes over line breaks; what is not base64 is left for the API server to refuse. */
function reencode(text: string): string {
  const plain = text.replace(/[\r\n]/g, "");
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(plain) ? plain : text;
}
