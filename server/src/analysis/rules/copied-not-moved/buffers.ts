/** Large buffers in a value, as far as the code says how large they are. */
import type { Span } from "../../diagnostic.js";
import type { Call, LocalId, Module, Operand, Value } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { numberOf } from "../../threads/constants.js";
import { onlyDefinition } from "../../threads/walk.js";

/** From this size on, copying costs more than everything else that a message does. */
export const largeBytes = 64 * 1024;

export interface LargeBuffer {
  /** Behind the name of the value: `.pixels`, `[0]`; empty where the value is the buffer. */
  readonly path: string;
  readonly bytes: number;
  /** How code names it, where it is in a variable. */
  readonly name: string | undefined;
  /** `view`: a typed array, whose memory is its `buffer`. */
  readonly kind: "buffer" | "view";
  /** The `new` that makes it. */
  readonly made: Call;
  /** The variables on the way to it. */
  readonly through: readonly LocalId[];
}

/** Bytes of an element, by the view's class. */
const elementBytes: Readonly<Record<string, number>> = {
  ...Object.fromEntries("Int8Array Uint8Array Uint8ClampedArray".split(" ").map((name) => [name, 1])),
  ...Object.fromEntries("Int16Array Uint16Array Float16Array".split(" ").map((name) => [name, 2])),
  ...Object.fromEntries("Int32Array Uint32Array Float32Array".split(" ").map((name) => [name, 4])),
  ...Object.fromEntries("Float64Array BigInt64Array BigUint64Array".split(" ").map((name) => [name, 8])),
};

interface Way {
  readonly path: string;
  readonly name: string | undefined;
  readonly through: readonly LocalId[];
}

const maxDepth = 6;

/** The large buffers that a value is made with, where that is certain. */
export function largeBuffers(module: Module, models: Models, operand: Operand): readonly LargeBuffer[] {
  return inOperand({ module, models }, operand, { path: "", name: undefined, through: [] });
}

interface Context {
  readonly module: Module;
  readonly models: Models;
}

function inOperand(context: Context, operand: Operand, way: Way): readonly LargeBuffer[] {
  if (operand.kind !== "place" || operand.place.path.length > 0 || way.through.length > maxDepth) return [];
  const local = context.module.locals[operand.place.base];
  if (
    local === undefined ||
    local.reassigned ||
    (local.kind !== "const" && local.kind !== "let" && local.kind !== "temp")
  )
    return [];
  const value = onlyDefinition(context.module, local.id)?.step.value;
  if (value === undefined || way.through.includes(local.id)) return [];
  return inValue(context, value, {
    path: way.path,
    name: local.name ?? way.name,
    through: local.kind === "temp" ? way.through : [...way.through, local.id],
  });
}

function inValue(context: Context, value: Value, way: Way): readonly LargeBuffer[] {
  const under = (step: string): Way => ({
    ...way,
    path: way.path + step,
    name: way.name === undefined ? undefined : way.name + step,
  });
  switch (value.kind) {
    case "use":
      return inOperand(context, value.operand, way);
    case "object":
      return value.fields.flatMap((field) =>
        field.spread || field.name === undefined || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(field.name)
          ? []
          : inOperand(context, field.value, under(`.${field.name}`)),
      );
    case "array":
      return value.elements.some((element) => element.spread)
        ? []
        : value.elements.flatMap((element, index) => inOperand(context, element.value, under(`[${index}]`)));
    case "call": {
      const role = roleOf(context.module, context.models, value);
      // `new Uint8Array(n).fill(1)`
      if (role?.kind === "insert" && role.returns === "receiver" && value.receiver !== undefined)
        return inOperand(context, value.receiver, way);
      const made = sizeOf(context, value);
      return made === undefined || made.bytes < largeBytes ? [] : [{ ...way, ...made, made: value }];
    }
    default:
      return [];
  }
}

/** The size of a buffer that `new` makes, or of the view's own one. Undefined for shared memory. */
function sizeOf(context: Context, call: Call): Pick<LargeBuffer, "bytes" | "kind"> | undefined {
  const { module, models } = context;
  if (call.form !== "new" || call.symbol === undefined) return undefined;
  const memory = models.memory(call.symbol);
  const [first] = call.args;
  if (memory === undefined || first === undefined || first.spread) return undefined;
  const length = numberOf(module, first.value);
  if (memory === "owner") return length === undefined ? undefined : { bytes: length, kind: "buffer" };
  const each = elementBytes[call.symbol.name.replace(/^globalThis\./, "")];
  if (each === undefined) return undefined;
  if (length !== undefined) return { bytes: length * each, kind: "view" };
  const bytes = ownedBytes(context, first.value);
  return bytes === undefined ? undefined : { bytes, kind: "view" };
}

/** `new Uint8Array(new ArrayBuffer(n))` */
function ownedBytes(context: Context, operand: Operand): number | undefined {
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const value = onlyDefinition(context.module, operand.place.base)?.step.value;
  if (value?.kind === "use") return ownedBytes(context, value.operand);
  const made = value?.kind === "call" ? sizeOf(context, value) : undefined;
  return made?.kind === "buffer" ? made.bytes : undefined;
}

/** "2 MiB" */
export function shownBytes(bytes: number): string {
  const mebibytes = bytes / (1024 * 1024);
  return mebibytes >= 1 ? `${Number(mebibytes.toFixed(1))} MiB` : `${Math.round(bytes / 1024)} KiB`;
}

/** The number that a `new` is given, where it is given no more than that. */
export function lengthSpan({ args }: Call, module: Module): Span | undefined {
  const [first, second] = args;
  if (first === undefined || second !== undefined) return undefined;
  return numberOf(module, first.value) === undefined ? undefined : first.value.span;
}
