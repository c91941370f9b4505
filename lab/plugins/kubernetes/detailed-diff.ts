/** A merge patch as the engine's detailed diff: which property was added, updated or deleted, and what replaces. */
import type { Properties, Value } from "../shared/properties.ts";
import { equal, isRecord, isUnknownValue } from "./values.ts";

export interface Difference {
  readonly kind: "add" | "delete" | "update";
  readonly replace: boolean;
  /** It is in the inputs only: the engine shows it even though the state has nothing to compare. */
  readonly inputDiff: boolean;
}
type Path = readonly (string | number)[];
type Maybe = Value | undefined;

/** By the property's path, `spec.template.spec.containers[0].image`. */
export function detailedDiff(
  patch: Properties,
  old: Properties,
  newInputs: Properties,
  forceNew: readonly string[],
): Map<string, Difference> {
  const found = new Map<string, Difference>();
  addRecord([], patch, old, newInputs, old, false);
  return found;

  function addValue(path: Path, patched: Value, before: Maybe, newInput: Maybe, oldInput: Maybe, inList: boolean) {
    if (newInput === undefined && (patched !== null || oldInput === undefined)) return;
    if (patched === null) return record(path, "delete", patched, true);
    if (before === undefined) return record(path, "add", patched);
    if (isUnknownValue(patched)) return record(path, "update", patched);
    if (isRecord(patched) && isRecord(before)) {
      addRecord(path, patched, before, asRecord(newInput), asRecord(oldInput), inList);
    } else if (Array.isArray(patched) && Array.isArray(before)) {
      addList(path, patched, before, asList(newInput), asList(oldInput));
    } else if (!equal(patched, before)) record(path, "update", patched);
  }

  /** Inside a list a patch has the whole record, so that what it lacks was deleted. */
  function addRecord(
    path: Path,
    patched: Properties,
    before: Properties,
    newInput: Properties,
    oldInput: Properties,
    inList: boolean,
  ) {
    for (const [key, value] of Object.entries(patched)) {
      addValue([...path, key], value, before[key], newInput[key], oldInput[key], inList);
    }
    if (!inList) return;
    for (const key of Object.keys(before)) {
      if (!Object.hasOwn(patched, key))
        addValue([...path, key], null, before[key], newInput[key], oldInput[key], inList);
    }
  }

  function addList(path: Path, patched: Value[], before: Value[], newInput: Value[], oldInput: Value[]) {
    const length = Math.max(patched.length, before.length);
    for (let index = 0; index < length; index++) {
      const value = index < patched.length ? (patched[index] as Value) : null;
      addValue([...path, index], value, before[index], newInput[index] ?? null, oldInput[index] ?? null, true);
    }
  }

  function record(path: Path, kind: Difference["kind"], value: Value, inputDiff = false) {
    const replace = forceNew.some((field) => touches(path, value, field));
    found.set(pathText(path), { kind, replace, inputDiff });
  }
}

const asRecord = (value: Maybe): Properties => (isRecord(value) ? value : {});
const asList = (value: Maybe): Value[] => (Array.isArray(value) ? value : []);

/** `.spec.selector` is touched by a change of it, in it, or of a whole record that holds it. */
function touches(path: Path, value: Value, field: string): boolean {
  const wanted = field.slice(1).split(".");
  for (const [index, step] of wanted.entries()) {
    if (index >= path.length) return holds(value, wanted.slice(index));
    if (path[index] !== step) return false;
  }
  return true;
}

function holds(value: Maybe, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return value !== undefined;
  return isRecord(value) && holds(value[first], rest);
}

export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/[."[\]]/.test(step)) return `${text}["${step.replaceAll('"', '\\"')}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
