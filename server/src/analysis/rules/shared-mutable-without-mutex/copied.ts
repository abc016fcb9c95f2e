/** Findings about a thread that changes its copy of a moved value, which the parent then looks for in its own. */

import { libraryOf } from "../../models/dialect.js";
import { pathText } from "../../threads/aliases.js";
import type { SharedChange } from "../../threads/changes.js";
import { ownerName } from "../../threads/naming.js";
import type { Scene, ThreadStart } from "../../threads/starts.js";
import type { Report } from "../rule.js";
import { both } from "./assigned.js";
import { isDataOnly, isResultUsed } from "./copies.js";
import { lockFix } from "./fix-lock.js";
import { returnCopiedFix } from "./fix-return.js";

/** Undefined where the change does reach the parent, or the value is not copied. */
export function reportCopied(
  scene: Scene,
  start: ThreadStart,
  change: SharedChange & { readonly kind: "copied" },
): Report | undefined {
  if (!isDataOnly(scene, change)) return undefined;
  if (change.outcome.returned && isResultUsed(scene, start)) return undefined;
  const { module, place, changes, reads, moved } = change;
  const { file } = scene.module;
  const first = changes[0]!;
  const name = pathText(scene.module, place.base, place.path);
  const inline = start.closure.how === "inline";
  const span = inline ? first.span : start.closure.operand;
  const owner = ownerName(scene.module, reads[0]?.at.body ?? start.at.body);
  const local = scene.module.locals[place.base];
  const shared = place.path.length > 0 || local === undefined ? undefined : lockFix(scene, local);
  const fixes = [returnCopiedFix(scene, start, change) ?? [], shared ?? []].flat();
  const [fix] = fixes;
  return {
    message: `the thread changes a copy of \`${name}\`, and the change is lost: ${owner} goes on with its own`,
    location: { file, start: span.start, end: span.end },
    label: inline ? "changes the thread's own copy" : `\`${start.closure.name}\` changes the thread's own copy`,
    related: [
      { file, ...both(moved.argument.value.span), message: `\`${name}\` is copied into the thread here` },
      ...(inline
        ? []
        : changes.slice(0, 2).map((each) => ({ file: module.file, ...both(each.span), message: "changed here" }))),
      ...reads.slice(0, 2).map((read) => ({ file, ...both(read.span), message: "still the old value here" })),
    ],
    notes: ["`move` copies plain data: from then on there are two values, one in each thread"],
    help:
      fix === undefined
        ? [
            "return the changed value from the closure, and use what `join()` gives",
            `or ${libraryOf(scene).dialect.sharing}`,
          ]
        : [fix.title.charAt(0).toLowerCase() + fix.title.slice(1)],
    fixes,
    tags: [],
  };
}
