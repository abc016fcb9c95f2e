/** Methods that may run in place of the one that is called: those of subclasses. */
import type { BodyId, BodyKind, Module } from "../mir/mir.js";
import { eitherShape } from "./shapes.js";
import type { Effect, Shape, Summary } from "./summary.js";

const known = new WeakMap<Module, ReadonlyMap<string, readonly BodyId[]>>();

/** The method, and those of the file's subclasses that override it, or one of the same name. */
export function overridesOf(module: Module, body: BodyId): readonly BodyId[] {
  const { kind, name } = module.bodies[body] ?? {};
  if (!canBeOverridden(kind) || name === undefined) return [body];
  return [body, ...(overridesIn(module).get(name) ?? []).filter((other) => other !== body)];
}

/** The methods by which a file's classes may override those of other classes, by name. */
export function overridesIn(module: Module): ReadonlyMap<string, readonly BodyId[]> {
  const before = known.get(module) ?? findOverrides(module);
  known.set(module, before);
  return before;
}

/** The methods of classes that extend another one, by name. */
function findOverrides(module: Module): ReadonlyMap<string, readonly BodyId[]> {
  const found = new Map<string, BodyId[]>();
  const subclasses = new Set([...module.text.matchAll(/\bclass\s+([\w$]+)[^{]*?\bextends\b/g)].map(([, name]) => name));
  if (subclasses.size === 0) return found;
  for (const { id, kind, name, symbol } of module.bodies) {
    const owner = symbol?.name.slice(0, symbol.name.lastIndexOf(".")).split(".").at(-1);
    if (!canBeOverridden(kind) || name === undefined || !subclasses.has(owner)) continue;
    found.set(name, [...(found.get(name) ?? []), id]);
  }
  return found;
}

function canBeOverridden(kind: BodyKind | undefined): boolean {
  return kind === "method" || kind === "getter";
}

/** What is known of a call that may run either of two methods. */
export function eitherSummary(a: Summary, b: Summary): Summary {
  const count = Math.max(a.parameters.length, b.parameters.length);
  const parameters = Array.from({ length: count }, (_, index) =>
    eitherEffect(a.parameters[index], b.parameters[index]),
  );
  const puts = new Map<number, Shape>();
  for (const index of new Set([...a.puts.keys(), ...b.puts.keys()])) {
    const shape = eitherShape(a.puts.get(index), b.puts.get(index));
    if (shape !== undefined) puts.set(index, shape);
  }
  return {
    parameters,
    rest: a.rest || b.rest,
    receiver: eitherEffect(a.receiver, b.receiver),
    returns: eitherShape(a.returns, b.returns),
    puts,
  };
}

/** Where they differ, the caller is not to be blamed. */
function eitherEffect(a: Effect | undefined, b: Effect | undefined): Effect {
  return a !== undefined && a === b ? a : "takes";
}
