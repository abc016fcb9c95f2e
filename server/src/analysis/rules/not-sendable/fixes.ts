/** What can be done about a value that cannot be sent. */
import type { Fix, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert } from "../../fix.js";
import type { BodyId, Module } from "../../mir/mir.js";
import { libraryNames } from "../../threads/imports.js";
import type { Culprit } from "./rule.js";

/** A promise can be awaited where it is given, if the function around it may wait. */
export function awaited(
  module: Module,
  body: BodyId,
  { start, end }: Span,
  { part, obstacle }: Culprit,
): readonly Fix[] {
  const { file, text, bodies } = module;
  if (obstacle !== "promise" || part.path !== "" || bodies[body]?.async !== true) return [];
  const written = text.slice(start, end);
  const simple = /^[\p{ID_Start}$_][\p{ID_Continue}$.]*(?:\([^()]*\))?$/u.test(written);
  const edits = simple ? [insert(file, start, "await ")] : [insert(file, start, "await ("), insert(file, end, ")")];
  return [{ title: "Await it before it is sent", preferred: true, edits }];
}

/** A class of this file that others can import can say where it is. Not preferred: instances then travel as copies. */
export function registered(facts: Facts, { part, obstacle }: Culprit): readonly Fix[] {
  const { module } = facts;
  const { type } = part;
  if (obstacle !== "instance" || type.kind !== "named" || type.symbol.file !== module.file) return [];
  const { offset } = type.symbol;
  const declared = module.locals.find(
    (local) => local.kind === "class" && local.exported && local.span?.start === offset,
  );
  const statement = declared?.statement;
  const body =
    statement &&
    module.scopes.find(
      ({ kind, span }) => kind === "class" && span.start > statement.start && span.end <= statement.end,
    );
  const name = libraryNames(facts, ["thread"]).get("thread");
  if (declared === undefined || body === undefined || name === undefined) return [];
  const { start } = body.span;
  const newText = `\n  static readonly [${name.text}.send] = { module: import.meta.url };`;
  const title = `Let instances of \`${declared.name}\` travel to threads`;
  return [{ title, preferred: false, edits: [...name.edits, insert(module.file, start, newText)] }];
}
