/** Which moved values are copied, and whether anybody takes what a thread returns. */
import type { LocalId, Module, Operand, Value } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import type { TypeKey } from "../../program/program.js";
import type { SharedChange } from "../../threads/changes.js";
import { roleOf, type Scene, type ThreadStart } from "../../threads/starts.js";
import { indexModule, type Use } from "../../threads/walk.js";

/** Whether the moved value is plain data: not a lock, not shared memory, not a buffer that is handed over whole. */
export function isDataOnly(
  scene: Scene,
  { place, moved, changes, module }: SharedChange & { readonly kind: "copied" },
): boolean {
  const types = [
    scene.module.locals[place.base]?.type,
    moved.param === undefined ? undefined : module.locals[moved.param.arrives]?.type,
  ];
  const own = place.path.length === 0 ? types : types.slice(1);
  if (own.some((type) => type !== undefined && holdsHandle(scene.models, type))) return false;
  // Elements of an array deep inside of an object may be those of a typed array, which is handed over.
  return changes.every(
    ({ path }) => path.length < 2 || path.at(-1)?.kind !== "index" || isMadeOfData(scene.module, place.base),
  );
}

const handedOver =
  /^(?:SharedArrayBuffer|ArrayBuffer|DataView|Buffer|MessagePort|(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array)$/;

function holdsHandle(models: Models, type: TypeKey): boolean {
  switch (type.kind) {
    case "named": {
      const { symbol, args, bases } = type;
      const special = [symbol, ...bases].some(
        (each) => models.type(each) !== undefined || handedOver.test(each.name.replace(/^.*\./, "")),
      );
      return special || args.some((arg) => holdsHandle(models, arg));
    }
    case "array":
      return holdsHandle(models, type.element);
    case "tuple":
      return type.elements.some((element) => holdsHandle(models, element));
    case "union":
      return type.members.some((member) => holdsHandle(models, member));
    case "function":
    case "primitive":
    case "object":
    case "unknown":
      return false;
  }
}

/** Whether the variable is initialised with literals all the way down. */
function isMadeOfData(module: Module, local: LocalId): boolean {
  const definitions = indexModule(module).definitions.get(local) ?? [];
  return definitions.length > 0 && definitions.every(({ step }) => isLiteral(module, step.value, 6));
}

function isLiteral(module: Module, value: Value, depth: number): boolean {
  if (depth === 0) return false;
  const data = (operand: Operand): boolean =>
    operand.kind === "constant" ||
    (operand.kind === "place" &&
      module.locals[operand.place.base]?.kind === "temp" &&
      operand.place.path.length === 0 &&
      (indexModule(module).definitions.get(operand.place.base) ?? []).every(({ step }) =>
        isLiteral(module, step.value, depth - 1),
      ));
  switch (value.kind) {
    case "use":
      return data(value.operand);
    case "array":
      return value.elements.every((element) => !element.spread && data(element.value));
    case "object":
      return value.fields.every((field) => !field.spread && data(field.value));
    case "compute":
      return true;
    case "call":
      return (
        value.form === "new" &&
        value.symbol?.package === "typescript" &&
        /^(?:Array|Map|Set|Date)/.test(value.symbol.name)
      );
    case "opaque":
    case "await":
    case "yield":
    case "element":
    case "caught":
      return false;
  }
}

/** Whether the parent looks at what the thread returns. A handle that goes elsewhere is taken to be joined there. */
export function isResultUsed(scene: Scene, { handle }: ThreadStart): boolean {
  if (handle.path.length > 0) return true;
  return isValueUsed(scene, handle.base, new Set());
}

/** Follows a handle, and then its result, through join, await and unwrap to where somebody takes it. */
function isValueUsed(scene: Scene, local: LocalId, met: Set<LocalId>): boolean {
  if (met.has(local)) return false;
  met.add(local);
  return (indexModule(scene.module).uses.get(local) ?? []).some(
    (use) => use.access === "read" && takes(scene, use, met),
  );
}

function takes(scene: Scene, { step, place }: Use, met: Set<LocalId>): boolean {
  if (step === undefined) return true;
  switch (step.kind) {
    case "discard":
    case "dispose":
    case "end-scope":
    case "delete":
      return false;
    case "update":
      return true;
    case "assign": {
      const { value, to } = step;
      if (to.path.length > 0) return true;
      if (value.kind === "call") {
        const isReceiver = value.receiver?.kind === "place" && value.receiver.place === place;
        const kind = roleOf(scene, value)?.kind;
        if (!isReceiver || kind === undefined) return true;
        if (kind === "detach" || kind === "borrow" || kind === "finished") return false;
        return kind === "join" || kind === "unwrap" ? isValueUsed(scene, to.base, met) : true;
      }
      if (value.kind === "use" || value.kind === "await") {
        return place.path.length > 0 ? true : isValueUsed(scene, to.base, met);
      }
      return true;
    }
  }
}
