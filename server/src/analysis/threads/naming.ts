/** How messages call things. */
import type { BodyId, Local, Module } from "../mir/mir.js";
import type { Closure } from "./starts.js";

/** "`main`", "this module" or "the function around it": the function that a message speaks of. */
export function ownerName(module: Module, id: BodyId): string {
  const body = module.bodies[id];
  if (body === undefined || body.kind === "module") return "this module";
  // A function without a name that is exported as the default goes by none in its file.
  if (body.name === "default") return "the function around it";
  if (body.name !== undefined && body.name !== "") return `\`${body.name}\``;
  const held = module.locals.find((local) => local.function === id && local.name !== undefined);
  return held?.name === undefined ? "the function around it" : `\`${held.name}\``;
}

/** "closure", or the name of the function that is spawned by name. */
export function closureName(closure: Closure): string {
  return closure.how === "inline" || closure.name === undefined ? "closure" : `\`${closure.name}\``;
}

/** `` `a`, `b` and `c` `` */
export function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}

/** Helpers that tsc and esbuild put into a file (`__awaiter`, `__name`, `__using`): the runtime brings them along. */
export function isCompilerHelper(local: Local): boolean {
  return local.name !== undefined && /^__[a-zA-Z]/.test(local.name);
}

/** One line, short enough for a message. */
export function shortText(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= 40 ? line : `${line.slice(0, 37)}…`;
}
