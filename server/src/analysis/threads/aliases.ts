/** Which locals of a function (and of those nested in it) are other names for what one local holds, or for parts of it. */
import type { Body, LocalId, Module, Operand, Place, Projection, Step, Value } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf, type Scene } from "./starts.js";
import { withNested } from "./walk.js";

export type Path = readonly Projection[];

const element: Projection = { kind: "index", constant: undefined };

/** For each name, the path from the root to what it stands for. The root itself has the empty path. */
export type Aliases = ReadonlyMap<LocalId, Path>;

const maxRounds = 8;

const known = new WeakMap<Body, Map<LocalId, { readonly models: Models; readonly aliases: Aliases }>>();

/** The aliases of `root` in `body` and the functions nested in it: found once, since several rules ask. */
export function aliasesOf(scene: Scene, body: Body, root: LocalId): Aliases {
  const { models } = scene;
  const roots = known.get(body) ?? new Map<LocalId, { readonly models: Models; readonly aliases: Aliases }>();
  known.set(body, roots);
  const before = roots.get(root);
  if (before?.models === models) return before.aliases;
  const aliases = findAliases(scene, body, root);
  roots.set(root, { models, aliases });
  return aliases;
}

function findAliases(scene: Scene, body: Body, root: LocalId): Aliases {
  const { module } = scene;
  const aliases = new Map<LocalId, Path>([[root, []]]);
  const steps = withNested(module, body.id).flatMap((each) => each.blocks.flatMap((block) => block.steps));
  for (let round = 0; round < maxRounds; round++) {
    const before = aliases.size;
    for (const step of steps) if (step.kind === "assign") follow(scene, aliases, step);
    if (aliases.size === before) break;
  }
  return aliases;
}

function follow(scene: Scene, aliases: Map<LocalId, Path>, step: Step & { readonly kind: "assign" }): void {
  const path = pathOfValue(scene, aliases, step.value);
  if (path !== undefined && step.to.path.length === 0 && !aliases.has(step.to.base)) aliases.set(step.to.base, path);
  if (step.value.kind === "call") followCallback(scene, aliases, step.value);
}

function pathOfValue(scene: Scene, aliases: Aliases, value: Value): Path | undefined {
  switch (value.kind) {
    case "use":
      return pathOfOperand(aliases, value.operand);
    case "element": {
      const of = pathOfOperand(aliases, value.of);
      return of === undefined ? undefined : [...of, element];
    }
    case "call": {
      const receiver = value.receiver === undefined ? undefined : pathOfOperand(aliases, value.receiver);
      if (receiver === undefined) return undefined;
      const role = roleOf(scene, value)?.kind;
      if (role === "take") return [...receiver, element];
      return role === "view" ? receiver : undefined;
    }
    case "array":
    case "object":
    case "compute":
    case "opaque":
    case "await":
    case "yield":
    case "caught":
      return undefined;
  }
}

/** `list.forEach((x) => …)`: `x` is an element of the list. */
function followCallback(scene: Scene, aliases: Map<LocalId, Path>, call: Value & { readonly kind: "call" }): void {
  const receiver = call.receiver === undefined ? undefined : pathOfOperand(aliases, call.receiver);
  const role = roleOf(scene, call);
  if (receiver === undefined || role?.kind !== "each") return;
  const callback = call.args[0]?.value;
  if (callback?.kind !== "function") return;
  const position = role.returns === "accumulator" ? 1 : 0;
  const param = scene.module.bodies[callback.body]?.params[position];
  if (param !== undefined && !aliases.has(param.arrives)) aliases.set(param.arrives, [...receiver, element]);
}

export function pathOfOperand(aliases: Aliases, operand: Operand): Path | undefined {
  return operand.kind === "place" ? pathOfPlace(aliases, operand.place) : undefined;
}

export function pathOfPlace(aliases: Aliases, place: Place): Path | undefined {
  const base = aliases.get(place.base);
  return base === undefined ? undefined : [...base, ...place.path];
}

/** Whether a change at `changed` can be seen by a read of `read`: one path is the beginning of the other. */
export function overlaps(changed: Path, read: Path): boolean {
  const shorter = Math.min(changed.length, read.length);
  for (let index = 0; index < shorter; index++) {
    if (!sameStep(changed[index]!, read[index]!)) return false;
  }
  return true;
}

function sameStep(a: Projection, b: Projection): boolean {
  if (a.kind === "field" && b.kind === "field") return a.name === b.name;
  if (a.kind === "index" && b.kind === "index") {
    return a.constant === undefined || b.constant === undefined || a.constant === b.constant;
  }
  // `list.length` is a field, and not one of the elements; `record[key]` can be any field.
  const [field, index] = a.kind === "field" ? [a, b] : [b, a];
  return field.kind === "field" && index.kind === "index" && index.constant === undefined && field.name !== "length";
}

/** `job.items[0]`, as code writes it. */
export function pathText(module: Module, base: LocalId, path: Path): string {
  const local = module.locals[base];
  const name = local?.name ?? (local?.kind === "this" ? "this" : "it");
  const steps = path.map((step) =>
    step.kind === "field" ? `.${step.name}` : `[${step.constant === undefined ? "…" : step.constant}]`,
  );
  return name + steps.join("");
}
