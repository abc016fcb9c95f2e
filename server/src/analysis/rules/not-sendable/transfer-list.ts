/** What a message is told to hand over instead of copying it: its transfer list. */
import type { Fix } from "../../diagnostic.js";
import { insert, textOf } from "../../fix.js";
import type { Argument, Call, Module, Operand } from "../../mir/mir.js";
import type { Role } from "../../models/model.js";
import type { Part, TypeKey } from "../../program/program.js";
import { onlyDefinition } from "../../threads/walk.js";

/** `unknown`: there is one, or may be one, and nobody sees what is in it. */
export type TransferList = "none" | "unknown" | readonly TypeKey[];

export function transferListOf(module: Module, role: Role, call: Call): TransferList {
  if (call.args.some(({ spread }) => spread)) return "unknown";
  switch (role.kind) {
    case "post": {
      const [, list] = call.args;
      if (list === undefined) return role.alone === "moved" ? "unknown" : "none";
      return elementsOf(list);
    }
    case "worker":
      return ofOptions(module, call.args[1]?.value);
    default:
      // A task's data may be marked, too.
      return "unknown";
  }
}

/** The list, or options that hold it, by its type. */
function elementsOf({ parts }: Argument): TransferList {
  const types = (parts ?? [])
    .filter(({ path }) => /^(?:\.transfer)?\[[^\]]+\]$/.test(path))
    .flatMap(({ type }) => (type.kind === "union" ? type.members : [type]));
  return types.length === 0 || types.some(({ kind }) => kind !== "named") ? "unknown" : types;
}

/** Options that are written out have none, or one that is not looked at. */
function ofOptions(module: Module, options: Operand | undefined): TransferList {
  if (options?.kind !== "place" || options.place.path.length > 0) return "unknown";
  const value = onlyDefinition(module, options.place.base)?.step.value;
  if (value?.kind !== "object" || module.locals[options.place.base]?.kind !== "temp") return "unknown";
  const hidden = value.fields.some(({ spread, name }) => spread || name === undefined || name === "transferList");
  return hidden ? "unknown" : "none";
}

/** Whether the list may name a value of that type. */
export function mayBeListed(list: TransferList, { type }: Part): boolean {
  if (list === "none" || list === "unknown") return list === "unknown";
  return list.some(
    (one) =>
      one.kind === "named" &&
      type.kind === "named" &&
      [one.symbol, ...one.bases].some(({ name }) => [type.symbol, ...type.bases].some((each) => each.name === name)),
  );
}

/** The list that a message does not have yet. */
export function listed(module: Module, call: Call, { path }: Part): readonly Fix[] {
  const [message, ...others] = call.args;
  const name = message && others.length === 0 ? writtenAt(module, message.value, path) : undefined;
  if (message === undefined || name === undefined) return [];
  const at = message.value.span.end;
  // In front of a comma that ends the arguments, and of comments; not into parentheses around the value.
  if (/^\s*\)/.test(textOf(module, { start: at, end: call.spans.args?.end ?? at }))) return [];
  return [{ title: `Transfer \`${name}\``, preferred: true, edits: [insert(module.file, at, `, [${name}]`)] }];
}

/** How the program writes what is at a path in a value: `port` for `.port` of `{ port }`. */
function writtenAt(module: Module, operand: Operand, path: string): string | undefined {
  if (!/^(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u.test(path)) return undefined;
  const text = textOf(module, operand.span);
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$.]*$/u.test(text)) return text + path;
  const value =
    operand.kind === "place" && operand.place.path.length === 0
      ? onlyDefinition(module, operand.place.base)?.step.value
      : undefined;
  if (value?.kind !== "object" || value.fields.some(({ spread }) => spread)) return undefined;
  const [, first, rest = ""] = /^\.([^.]+)(.*)$/u.exec(path) ?? [];
  const field = first === undefined ? undefined : value.fields.find(({ name }) => name === first);
  return field && writtenAt(module, field.value, rest);
}
