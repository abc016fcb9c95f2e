/**
 * `sender-never-dropped`: a loop over a channel that its own function keeps open, so that it never ends.
 *
 * Rust has no such lint, and its book warns of it: the receiver's loop ends with the last sender.
 */
import type { Fix, Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Local } from "../../mir/mir.js";
import type { Endless } from "../../ownership/engine.js";
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

function findingFor(facts: Facts, one: Endless): Report {
  const { file, module } = facts;
  const { sender } = one;
  const local = sender.local === undefined ? undefined : module.locals[sender.local];
  const name = local?.name === undefined ? "a sender" : `\`${local.name}\``;
  const made: Label = {
    file,
    ...(local?.span ?? sender.call.spans.whole),
    message: `${name} is made here, and never dropped`,
  };
  const between: readonly Label[] =
    one.through === undefined
      ? []
      : [
          {
            file,
            ...one.through.call.spans.callee,
            message: "this thread keeps the channel open as long as it receives",
          },
        ];
  return {
    ...(one.kind === "loop"
      ? {
          message:
            one.through === undefined
              ? `this loop never ends: ${name} keeps the channel open`
              : `this loop never ends: a thread that has a sender waits for ${name}`,
          location: { file, ...one.operand.span },
          label: "waits until every sender is dropped",
          related: [made, ...between],
        }
      : {
          message: `this join never returns: ${name} keeps the channel open that the thread waits for`,
          location: { file, ...one.step.span },
          label: "waits for a thread that waits until every sender is dropped",
          related: [
            made,
            { file, ...one.thread.call.spans.callee, message: "this thread receives until the channel is closed" },
            ...between,
          ],
        }),
    notes: [
      "a receiver's loop ends when the last sender is dropped or moved to a thread that ends; going out of scope drops nothing",
    ],
    help: [helpFor(one, local?.name)],
    fixes: local === undefined ? [] : dropBefore(facts, one, local),
    tags: [],
  };
}

function helpFor({ kind }: Endless, sender: string | undefined): string {
  if (sender === undefined) return `Drop every sender before the ${kind}`;
  const drop = `Drop \`${sender}\` before the ${kind}`;
  return kind === "loop" ? `${drop}, or move it to the last thread in place of a clone` : drop;
}

function dropBefore(facts: Facts, one: Endless, local: Local): readonly Fix[] {
  const { module } = facts;
  const { name, span } = local;
  const { body } = one;
  const waits = one.kind === "loop" ? one.loop.span : one.step.statement;
  const drop = libraryNames(facts, ["drop"]).get("drop");
  const isInReach =
    name !== undefined &&
    span !== undefined &&
    span.start < waits.start &&
    isVisible(module.scopes[local.scope]?.span, waits);
  if (drop === undefined || !isInReach || local.kind === "using") return [];
  const isUsedBehind = (indexModule(module).uses.get(local.id) ?? []).some((use) => use.span.start >= waits.end);
  const edits = mergeEdits([...drop.edits, ...before(module, waits, `${drop.text}(${name});`)]);
  return body === local.body
    ? [{ title: `Drop \`${name}\` before the ${one.kind}`, preferred: !isUsedBehind, edits }]
    : [];
}

function isVisible(
  scope: { readonly start: number; readonly end: number } | undefined,
  at: { readonly start: number; readonly end: number },
): boolean {
  return scope !== undefined && scope.start <= at.start && at.end <= scope.end;
}
