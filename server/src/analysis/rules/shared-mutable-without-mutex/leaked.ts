/** Findings about what a lock guards, changed when the lock is given back already. */
import type { LeakedChange } from "../../locks/leaked.js";
import type { Scene } from "../../threads/starts.js";
import type { Report } from "../rule.js";
import { both } from "./assigned.js";

const effects = {
  copy: {
    headline: ": the change is lost",
    label: "nobody sees this: the lock is held no longer",
    note: "what is read from a guard counts as long as the guard holds the lock: it is stored when that is dropped, and what comes later is not",
  },
  memory: {
    headline: "",
    label: "another thread can have the lock by now",
    note: "the array lies in shared memory: whoever has the lock counts on nobody else writing there",
  },
} as const;

export function reportLeaked({ module: here }: Scene, leaked: LeakedChange): Report {
  const { change, local, read, guard, module } = leaked;
  const name = `\`${local.name ?? "it"}\``;
  const holder = `\`${guard.local.name ?? "its guard"}\``;
  const { file } = here;
  const isHere = read.step.value.kind === "use";
  return {
    message: `${name} is what a lock guards, and is changed here after ${holder} gave the lock back${effects[leaked.of].headline}`,
    location: { file, ...both(change.span) },
    label: effects[leaked.of].label,
    related: [
      { file, ...read.step.span, message: `${name} is read ${isHere ? `from ${holder}` : "under the lock"} here` },
      ...(isHere || guard.local.span === undefined
        ? []
        : [
            {
              file: module.file,
              ...guard.local.span,
              message: `${holder} gives the lock back where this function ends`,
            },
          ]),
    ],
    notes: [effects[leaked.of].note],
    help: ["Change it while the lock is held"],
    fixes: [],
    tags: [],
  };
}
