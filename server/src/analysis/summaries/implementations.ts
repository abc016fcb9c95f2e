/**
 * What a member of an interface does, where only one class of its file can be behind it.
 *
 * Types are structural, so that anything with the right members will do for an interface. Certain is only what no other file
 * can name or hand in, and what nothing else in the file has a member for.
 */
import type { BodyId, Module } from "../mir/mir.js";
import type { SymbolKey } from "../program/program.js";

const known = new WeakMap<Module, Map<string, BodyId | undefined>>();

/** The method that a call of `Starter.start` runs, where that is an interface with one implementation. */
export function onlyImplementation(module: Module, { name }: SymbolKey): BodyId | undefined {
  const found = known.get(module) ?? new Map<string, BodyId | undefined>();
  known.set(module, found);
  if (!found.has(name)) found.set(name, find(module, name));
  return found.get(name);
}

function find(module: Module, name: string): BodyId | undefined {
  const [, owner, member] = /^([A-Za-z_]\w*)\.([A-Za-z_]\w*)$/.exec(name) ?? [];
  if (owner === undefined || member === undefined || !isOwnInterface(module.text, owner)) return undefined;
  const classes = [...module.text.matchAll(implementing(owner))].map(([, one]) => one);
  const [only, ...others] = classes;
  if (only === undefined || others.length > 0 || isHandedIn(module, owner)) return undefined;
  // The interface and the class declare it, and nothing else does.
  if ([...module.text.matchAll(new RegExp(`(?<![.\\w$])${member}\\s*[?:(<=,]`, "g"))].length !== 2) return undefined;
  return module.bodies.find(({ kind, symbol }) => kind === "method" && symbol?.name === `${only}.${member}`)?.id;
}

/** Declared once, exported by no name, and extended by nothing. */
function isOwnInterface(text: string, name: string): boolean {
  const [declared, ...others] = text.matchAll(
    new RegExp(`(\\bexport\\s+(?:default\\s+)?)?\\binterface\\s+${name}\\b`, "g"),
  );
  if (declared === undefined || declared[1] !== undefined || others.length > 0) return false;
  return !new RegExp(`\\bexport\\b[^;]*\\{[^}]*\\b${name}\\b|\\binterface\\b[^{]*\\bextends\\b[^{]*\\b${name}\\b`).test(
    text,
  );
}

function implementing(name: string): RegExp {
  return new RegExp(`\\bclass\\s+(\\w+)[^{]*\\bimplements\\b[^{]*\\b${name}\\b`, "g");
}

/** What other files can name mentions it: they may give it, or put into it, whatever fits. */
function isHandedIn({ locals, text }: Module, name: string): boolean {
  const mention = new RegExp(`\\b${name}\\b`);
  const isMentioned = (part: string): boolean => mention.test(part.replace(/\bimplements\b[^{]*/g, ""));
  const outer = locals.filter(({ body, exported, statement }) => body === 0 && exported && statement !== undefined);
  if (outer.some(({ statement }) => isMentioned(text.slice(statement?.start, statement?.end)))) return true;
  const byDefault = text.indexOf("export default");
  return byDefault >= 0 && isMentioned(text.slice(byDefault));
}
