/**
 * `sender-never-dropped`: a loop over a channel that its own function keeps open, so that it never ends.
 *
 * Rust has no such lint, and its book warns of it: the receiver's loop ends with the last sender.
 */
import type { Fix, Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Local } from "../../mir/mir.js";
import type { EndlessLoop } from "../../ownership/engine.js";
import { before } from "../../places.js";
import { mergeEdits } from "../../threads/edits.js";
import { libraryNames } from "../../threads/imports.js";
import { indexModule } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";

export const senderNeverDropped: Rule = {
  name: "sender-never-dropped",
  summary: "A loop over a channel whose sender the same function still has: it never ends",
  severity: "error",
  rust: undefined,
  check(facts: Facts): readonly Report[] {
    return facts.ownership().endless.map((loop) => findingFor(facts, loop));
  },
};

function findingFor(facts: Facts, one: EndlessLoop): Report {
  const { file, module } = facts;
  const { sender, operand } = one;
  const local = sender.local === undefined ? undefined : module.locals[sender.local];
  const name = local?.name === undefined ? "a sender" : `\`${local.name}\``;
  const made: Label = {
    file,
    ...(local?.span ?? sender.call.spans.whole),
    message: `${name} is made here, and never dropped`,
  };
  return {
    message: `this loop never ends: ${name} keeps the channel open`,
    location: { file, ...operand.span },
    label: "waits until every sender is dropped",
    related: [made],
    notes: [
      "a receiver's loop ends when the last sender is dropped or moved to a thread that ends; going out of scope drops nothing",
    ],
    help:
      local?.name === undefined
        ? ["Drop every sender before the loop"]
        : [`Drop \`${local.name}\` before the loop, or move it to the last thread in place of a clone`],
    fixes: local === undefined ? [] : dropBefore(facts, one, local),
    tags: [],
  };
}

function dropBefore(facts: Facts, { loop, body }: EndlessLoop, local: Local): readonly Fix[] {
  const { module } = facts;
  const { name, span } = local;
  const drop = libraryNames(facts, ["drop"]).get("drop");
  const isInReach =
    name !== undefined &&
    span !== undefined &&
    span.start < loop.span.start &&
    isVisible(module.scopes[local.scope]?.span, loop.span);
  if (drop === undefined || !isInReach || local.kind === "using") return [];
  const isUsedBehind = (indexModule(module).uses.get(local.id) ?? []).some((use) => use.span.start >= loop.span.end);
  const edits = mergeEdits([...drop.edits, ...before(module, loop.span, `${drop.text}(${name});`)]);
  return body === local.body ? [{ title: `Drop \`${name}\` before the loop`, preferred: !isUsedBehind, edits }] : [];
}

function isVisible(
  scope: { readonly start: number; readonly end: number } | undefined,
  at: { readonly start: number; readonly end: number },
): boolean {
  return scope !== undefined && scope.start <= at.start && at.end <= scope.end;
}
