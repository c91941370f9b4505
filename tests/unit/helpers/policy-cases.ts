import { describe, expect, it } from "vitest";
import type { Resource } from "../../../policy/rule.ts";
import { resourceRules } from "../../../policy/rules.ts";

/** A resource, and what a rule says of it, exactly. */
export type Case = readonly [Resource, readonly string[]];

export const fine = (resource: Resource): Case => [resource, []];

/** Holds each rule to its cases, among which there must be one where it fires and one where it does not. */
export function judgeCases(cases: Readonly<Record<string, readonly Case[]>>): void {
  describe.each(Object.entries(cases))("%s", (name, ofRule) => {
    const rule = resourceRules.find((candidate) => candidate.name === name);
    it.each(ofRule)("%#", (resource, wrong) => {
      expect(rule?.check(resource)).toEqual(wrong);
    });
    it("is seen to fire, and to let pass", () => {
      const outcomes = ofRule.map(([, wrong]) => wrong.length > 0);
      expect(outcomes).toContain(true);
      expect(outcomes).toContain(false);
    });
  });
}
