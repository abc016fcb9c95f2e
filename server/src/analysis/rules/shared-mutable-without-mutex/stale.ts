/** Findings about what a lock guards, written from what it was before. */
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { staleWrites } from "../../locks/stale.js";
import { shortText } from "../../threads/naming.js";
import type { Scene } from "../../threads/starts.js";
import type { Report } from "../rule.js";
import { both } from "./assigned.js";

export function reportsOfStale({ file, module }: Facts, scene: Scene): readonly Report[] {
  return staleWrites(scene).map(({ guard, step, earlier, read }) => {
    const name = guard.local.name ?? "the guard";
    const before = shortText(textOf(module, both(read.span)));
    return {
      message: `\`${name}.value\` is written from what it was before \`${name}\` had the lock: what others wrote between is lost`,
      location: { file, ...both(step.span) },
      label: "computed from a value that may be out of date",
      related: [
        {
          file,
          ...both(read.span),
          message: `\`${before}\` is read here, and \`${earlier.local.name ?? "its guard"}\` gives the lock back behind it`,
        },
      ],
      notes: ["between the two locks, any other thread or function may have the lock and write"],
      help: [`Read \`${name}.value\` again, or hold one lock over both`],
      fixes: [],
      tags: [],
    };
  });
}
