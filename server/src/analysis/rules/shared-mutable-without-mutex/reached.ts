/** Findings about a thread that changes the inside of an object of the code around it. */

import { pathText } from "../../threads/aliases.js";
import type { SharedChange } from "../../threads/changes.js";
import { closureName, ownerName } from "../../threads/naming.js";
import type { Scene, ThreadStart } from "../../threads/starts.js";
import type { Report } from "../rule.js";
import { both, helpFor } from "./assigned.js";
import { returnReachedFix } from "./fix-return.js";

export function reportReached(
  scene: Scene,
  start: ThreadStart,
  change: SharedChange & { readonly kind: "reached" },
): Report {
  const { local, module, changes, reads } = change;
  const { closure } = start;
  const first = changes[0]!;
  const name = local.kind === "this" ? pathText(module, local.id, first.path.slice(0, 1)) : (local.name ?? "it");
  const inline = closure.how === "inline";
  const span = inline ? first.span : closure.operand;
  const declarer = module === scene.module ? ownerName(module, local.body) : "its module";
  const owner = local.kind === "this" ? `the object of ${declarer}` : declarer;
  const fixes = returnReachedFix(scene, start, change) ?? [];
  return {
    message: `thread changes \`${name}\`, which belongs to ${owner}, with no lock between them`,
    location: { file: scene.module.file, start: span.start, end: span.end },
    label: inline
      ? `the thread has no \`${name}\` to change`
      : `${closureName(closure)} changes \`${name}\`, which the thread does not have`,
    related: [
      ...(local.span === undefined
        ? []
        : [{ file: module.file, ...both(local.span), message: `\`${name}\` is declared here, in the parent thread` }]),
      ...(inline ? changes.slice(1, 3) : changes.slice(0, 3)).map((each) => ({
        file: module.file,
        ...both(each.span),
        message: inline ? "changed here too" : "changed here",
      })),
      ...reads.slice(0, 1).map((read) => ({ file: module.file, ...both(read.span), message: "never sees the change" })),
    ],
    notes: [
      local.kind === "this"
        ? "a thread has no `this` of the code around its closure, so this panics with a `TypeError`"
        : `a thread has none of the variables around its closure, so this panics with \`ReferenceError: ${name} is not defined\``,
      "moving the object in would change a copy: threads share memory only through a lock or an atomic",
    ],
    help:
      local.kind === "this"
        ? [`return the new value from the closure, and set \`${name}\` when \`join()\` gives it`]
        : helpFor(scene, fixes),
    fixes,
    tags: [],
  };
}
