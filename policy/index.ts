import { type Policies, PolicyPack } from "@pulumi/policy";
import { plain } from "./plain.ts";
import { allStackRules, resourceRules } from "./rules.ts";

const policies: Policies = [
  ...resourceRules.map(({ name, description, level, check }) => ({
    name,
    description,
    enforcementLevel: level,
    validateResource: ({ type, name, props }: Seen, report: (message: string) => void) => {
      for (const problem of check({ type, name, props: plain(props) })) report(problem);
    },
  })),
  ...allStackRules.map(({ name, description, level, checkStack }) => ({
    name,
    description,
    enforcementLevel: level,
    validateStack: ({ resources }: { resources: Seen[] }, report: (message: string) => void) => {
      const seen = resources.map(({ type, name, props }) => ({ type, name, props: plain(props) }));
      for (const problem of checkStack(seen)) report(problem);
    },
  })),
];

/** As much of what the SDK hands over as rules look at. */
interface Seen {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
}

new PolicyPack("nself-chat", { policies });
