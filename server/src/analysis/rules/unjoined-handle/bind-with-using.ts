/** A declaration that disposes of what it declares. */
import type { Facts } from "../../facts.js";
import { replace } from "../../fix.js";
import type { Local, Step } from "../../mir/mir.js";
import { isAlone, mayAwait, mayUse } from "../../places.js";
import type { Report } from "../rule.js";

/** `await using` joins however the scope is left. */
export function bindWithUsing(
  { file, module }: Facts,
  { span }: Step,
  local: Local,
  keyword: "using" | "await using" = "await using",
): Report["fixes"] {
  const { statement, kind } = local;
  const mayStand = mayUse(module) && (keyword === "using" || mayAwait(module, local.body));
  if (statement === undefined || kind !== "const" || !isAlone(module, local) || !mayStand) return [];
  const isOwn = statement.start <= span.start && span.end <= statement.end;
  if (!isOwn || !module.text.startsWith("const ", statement.start)) return [];
  const edit = replace(file, { start: statement.start, end: statement.start + "const".length }, keyword);
  const title = `Join \`${local.name}\` however the scope is left: \`${keyword}\``;
  return [{ title, preferred: true, edits: [edit] }];
}
