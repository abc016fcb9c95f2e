/**
 * Where the handle of a thread goes: through variables, fields and collections of one module, whatever the order of steps, as
 * in Andersen's "Program analysis and specialization for the C programming language" (1994).
 */
import type { Module, Operand, Place, Step } from "../mir/mir.js";
import { roleOf, type Scene } from "../threads/starts.js";
import type { CallSite } from "../threads/walk.js";
import { fieldIn, fieldKey } from "./names.js";
import { functionAt } from "./uses.js";

/**
 * Names what a place holds: a variable of the module, a field of the objects of a class, which is the same in all modules,
 * or an element of either.
 */
export type Key = string;

/** Places that are this many fields away from anything else are not followed. */
const maxDepth = 4;

/** All that may hold what these hold. */
export function heldBy(scene: Scene, from: Iterable<Key>): ReadonlySet<Key> {
  const held = new Set(from);
  const passes = passesIn(scene);
  // What is added while a set is walked is walked, too.
  for (const key of held) for (const next of passes.get(key) ?? []) held.add(next);
  return held;
}

/** Undefined for what is no place, and for a variable that holds one thing after the other. */
export function keyOfOperand(module: Module, operand: Operand | undefined): Key | undefined {
  return operand?.kind === "place" ? keyOfPlace(module, operand.place) : undefined;
}

export function keyOfPlace(module: Module, { base, path }: Place): Key | undefined {
  const local = module.locals[base];
  if (local === undefined || local.reassigned || path.length > maxDepth) return undefined;
  const fields = path.map((step) => (step.kind === "field" ? `.${step.name}` : "[]")).join("");
  const field = fieldIn(module, local, fields);
  return field === undefined ? `${module.file}#${base}${fields}` : `class ${fieldKey(field)}`;
}

const known = new WeakMap<Module, ReadonlyMap<Key, ReadonlySet<Key>>>();

/** What each key is handed on to. */
function passesIn(scene: Scene): ReadonlyMap<Key, ReadonlySet<Key>> {
  const before = known.get(scene.module);
  if (before !== undefined) return before;
  const passes = new Map<Key, Set<Key>>();
  const add = (from: Key | undefined, to: Key | undefined): void => {
    if (from === undefined || to === undefined) return;
    const targets = passes.get(from);
    if (targets === undefined) passes.set(from, new Set([to]));
    else targets.add(to);
  };
  for (const body of scene.module.bodies) {
    for (const { steps } of body.blocks) for (const step of steps) passStep(scene, step, add);
  }
  known.set(scene.module, passes);
  return passes;
}

type Add = (from: Key | undefined, to: Key | undefined) => void;

function passStep(scene: Scene, step: Step, add: Add): void {
  if (step.kind !== "assign") return;
  const { module } = scene;
  const { value } = step;
  const to = keyOfPlace(module, step.to);
  const element = to === undefined ? undefined : `${to}[]`;
  switch (value.kind) {
    case "use":
      add(keyOfOperand(module, value.operand), to);
      add(elementOf(module, value.operand), element);
      return;
    case "array":
      for (const { value: each, spread } of value.elements) {
        add(spread ? elementOf(module, each) : keyOfOperand(module, each), element);
      }
      return;
    case "element":
      add(elementOf(module, value.of), to);
      return;
    case "call":
      passCall(scene, { call: value, to, element }, add);
      return;
    default:
      return;
  }
}

function elementOf(module: Module, operand: Operand | undefined): Key | undefined {
  const key = keyOfOperand(module, operand);
  return key === undefined ? undefined : `${key}[]`;
}

interface Called {
  readonly call: CallSite["call"];
  readonly to: Key | undefined;
  readonly element: Key | undefined;
}

function passCall(scene: Scene, { call, to, element }: Called, add: Add): void {
  const { module } = scene;
  const role = roleOf(scene, call);
  const inside = elementOf(module, call.receiver);
  switch (role?.kind) {
    case "insert":
      for (const { value } of call.args.slice(role.from)) add(keyOfOperand(module, value), inside);
      return;
    case "take":
      add(inside, to);
      return;
    case "unwrap":
      add(keyOfOperand(module, call.receiver), to);
      return;
    case "view":
      add(inside, element);
      return;
    case "each":
    case "collect": {
      const callback = functionAt(scene, call.args[role.kind === "each" ? 0 : 1]?.value);
      const given = role.kind === "each" ? inside : elementOf(module, call.args[0]?.value);
      add(given, callback?.params[0] && keyOfPlace(module, { base: callback.params[0].arrives, path: [] }));
      if (callback === undefined) add(given, element);
      for (const { end } of callback?.blocks ?? []) {
        if (end.kind === "return") add(keyOfOperand(module, end.operand), element);
      }
      return;
    }
    default:
      return;
  }
}

/** What the parameters of a function are given by a call: pairs of a key outside and one inside. */
export function givenBy(
  scene: Scene,
  {
    call,
    callee,
    inside,
  }: { readonly call: CallSite["call"]; readonly callee: Module["bodies"][number]; readonly inside: Module },
): readonly (readonly [outer: Key, inner: Key])[] {
  return callee.params.flatMap(({ arrives, rest }, position) => {
    const outer = rest ? undefined : keyOfOperand(scene.module, call.args[position]?.value);
    const inner = keyOfPlace(inside, { base: arrives, path: [] });
    return outer === undefined || inner === undefined ? [] : [[outer, inner] as const];
  });
}

/** Whether it is a field of a class, which other modules know by the same key. */
export function isOfClass(key: Key): boolean {
  return key.startsWith("class ");
}
