/** What a thread has of its file where the project turned static items on, as Rust's functions have the items of their module. */
import type { Local, LocalId, Module, Operand, Place, Value } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import { globalName } from "../../threads/mutators.js";
import type { Scene, ThreadStart } from "../../threads/starts.js";
import { onlyDefinition } from "../../threads/walk.js";

/** Tells of a variable of the thread's file whether the thread has it, too. */
export type IsItem = (local: Local) => boolean;

/** By the library's own build tools: they know a call that starts a thread by its name. */
export function itemsOf(scene: Scene, start: ThreadStart): IsItem {
  const { models } = scene;
  const { closure, call, wrapper } = start;
  const isLifted =
    models.staticItems &&
    wrapper === undefined &&
    (call.method === "spawn" || call.method === "map") &&
    libraryOf(scene, call).name === models.ownLibrary.name;
  if (!isLifted) return () => false;
  if (closure.how === "imported") return () => true; // The thread imports its module.
  return itemsIn(closure.module);
}

const known = new WeakMap<Module, IsItem>();

function itemsIn(module: Module): IsItem {
  const before = known.get(module);
  if (before !== undefined) return before;
  const answers = new Map<LocalId, boolean>();
  const isItem: IsItem = (local) => {
    const answer = answers.get(local.id);
    if (answer !== undefined) return answer;
    answers.set(local.id, true); // What uses itself is one if all the rest of it is.
    const found = local.body === 0 && !local.reassigned && isOne(module, local, isItem);
    answers.set(local.id, found);
    return found;
  };
  known.set(module, isItem);
  return isItem;
}

function isOne(module: Module, local: Local, isItem: IsItem): boolean {
  switch (local.kind) {
    case "import":
    case "enum":
    case "namespace":
    case "class":
      return true;
    case "function":
    case "const":
    case "let":
    case "var":
      break;
    default:
      return false;
  }
  if (local.function !== undefined) return capturesItems(module, local.function, isItem);
  const made = onlyDefinition(module, local.id)?.step.value;
  return made !== undefined && isConstant(module, made, isItem);
}

function capturesItems(module: Module, body: number, isItem: IsItem): boolean {
  return (module.bodies[body]?.captures ?? []).every(({ local: id }) => {
    const local = module.locals[id];
    return local === undefined || local.typeOnly || isItem(local);
  });
}

/** Whether a value is computed from constants. What cannot be followed is taken to be one. */
function isConstant(module: Module, value: Value, isItem: IsItem): boolean {
  const is = (operand: Operand): boolean => isConstantOperand(module, operand, isItem);
  switch (value.kind) {
    case "use":
      return is(value.operand);
    case "array":
      return value.elements.every((element) => is(element.value));
    case "object":
      return value.fields.every((field) => is(field.value));
    case "compute":
    case "opaque":
      return value.operands.every(is);
    case "call":
      return globalName(value) !== undefined && value.args.every((argument) => is(argument.value));
    case "await":
    case "yield":
    case "element":
    case "caught":
      return false;
  }
}

function isConstantOperand(module: Module, operand: Operand, isItem: IsItem): boolean {
  switch (operand.kind) {
    case "constant":
    case "item":
      return true;
    case "function":
      return capturesItems(module, operand.body, isItem);
    case "place":
      return isConstantPlace(module, operand.place, isItem);
  }
}

function isConstantPlace(module: Module, { base }: Place, isItem: IsItem): boolean {
  const local = module.locals[base];
  if (local === undefined) return false;
  if (local.kind !== "temp") return isItem(local);
  const made = onlyDefinition(module, base)?.step.value;
  return made === undefined || isConstant(module, made, isItem);
}
