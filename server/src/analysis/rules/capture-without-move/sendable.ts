/** Whether a captured variable can be given to a thread, and in which form. */
import type { Local, Module } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import type { TypeKey } from "../../program/program.js";

export type Sendability =
  /** A copy arrives; the parent keeps its own. */
  | { readonly kind: "copied" }
  /** The parent loses it, unless it moves a second handle made by `clone()`. */
  | { readonly kind: "cloned"; readonly of: "arc" | "sender" }
  /** The parent's buffer is emptied, unless it moves a copy made by `slice(0)`. */
  | { readonly kind: "transferred" }
  /** The parent loses it for good. */
  | { readonly kind: "given" }
  /** `why` goes on after "`v` is": "a function". */
  | { readonly kind: "never"; readonly why: string };

const copied: Sendability = { kind: "copied" };

/** Classes of the default library whose instances the structured clone algorithm copies (HTML standard, 2.7.1). */
const cloneable = new Set(
  (
    "Array ReadonlyArray Map ReadonlyMap Set ReadonlySet Date RegExp Error EvalError RangeError ReferenceError SyntaxError " +
    "TypeError URIError AggregateError SharedArrayBuffer String Number Boolean Object Record Blob File ImageData DOMRect"
  ).split(" "),
);

const transferred = new Set(
  (
    "ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array " +
    "Float32Array Float64Array BigInt64Array BigUint64Array Buffer"
  ).split(" "),
);

const givenAway = new Set(
  "MessagePort ReadableStream WritableStream TransformStream ImageBitmap OffscreenCanvas".split(" "),
);

/** What TypeScript's own declarations come in: the default library and Node's. */
const ambient = new Set(["typescript", "@types/node"]);

export function sendability(module: Module, models: Models, local: Local): Sendability {
  if (local.function !== undefined || local.kind === "function") return never("a function");
  if (local.kind === "class") return never("a class");
  if (local.kind === "namespace") return never("a namespace");
  return local.type === undefined ? copied : ofType(module, models, local.type);
}

function never(why: string): Sendability {
  return { kind: "never", why };
}

function ofType(module: Module, models: Models, type: TypeKey): Sendability {
  switch (type.kind) {
    case "function":
      return never("a function");
    case "primitive":
      return type.name === "symbol" ? never("a symbol") : copied;
    case "array":
      return ofParts(module, models, [type.element]);
    case "tuple":
      return ofParts(module, models, type.elements);
    case "union":
      return strictest(type.members.map((member) => ofType(module, models, member)));
    case "object":
    case "unknown":
      return copied;
    case "named":
      return ofNamed(module, models, type);
  }
}

/** A collection is copied, unless something in it cannot be. */
function ofParts(module: Module, models: Models, parts: readonly TypeKey[]): Sendability {
  const worst = strictest(parts.map((part) => ofType(module, models, part)));
  return worst.kind === "never"
    ? { kind: "never", why: `a collection of values of which each is ${worst.why}` }
    : worst;
}

function strictest(all: readonly Sendability[]): Sendability {
  const order = ["never", "given", "cloned", "transferred", "copied"];
  return all.reduce((a, b) => (order.indexOf(a.kind) <= order.indexOf(b.kind) ? a : b), copied);
}

function ofNamed(module: Module, models: Models, type: TypeKey & { readonly kind: "named" }): Sendability {
  const { symbol } = type;
  const modelled = models.type(symbol);
  switch (modelled) {
    case "arc":
    case "sender":
      return { kind: "cloned", of: modelled };
    case "lock":
    case "atomic":
    case "receiver":
      return { kind: "given" };
    case "handle":
      return never("the handle of a thread, which stays with the thread that joins it");
    case "guard":
      return never("the guard of a lock, which stays with the thread that locked it");
    case "scope":
      return never("the scope of this thread's own threads");
    case "result":
    case "moved":
    case undefined:
      break;
  }
  if (symbol.package !== undefined && ambient.has(symbol.package)) return ofAmbient(module, models, type);
  // A class with a static `[thread.send]` says how its instances travel.
  if (type.statics !== undefined && !type.statics.includes("@send"))
    return never(`an instance of the class \`${symbol.name}\`, which would lose its methods`);
  return copied;
}

function ofAmbient(
  module: Module,
  models: Models,
  { symbol, args, bases }: TypeKey & { readonly kind: "named" },
): Sendability {
  const name = symbol.name.replace(/^.*\./, "");
  if (transferred.has(name)) {
    const shared = args.some((arg) => arg.kind === "named" && arg.symbol.name === "SharedArrayBuffer");
    return shared ? copied : { kind: "transferred" };
  }
  if (givenAway.has(name)) return { kind: "given" };
  if (cloneable.has(name)) return ofParts(module, models, args);
  if (bases.some((base) => transferred.has(base.name))) return { kind: "transferred" };
  if (bases.some((base) => cloneable.has(base.name))) return copied;
  if (
    /^(?:Promise|PromiseLike|WeakMap|WeakSet|WeakRef|Function|Symbol|Generator|AsyncGenerator|AbortSignal|AbortController)$/.test(
      name,
    )
  ) {
    return never(`a \`${name}\``);
  }
  return /(?:Element|Node|Document|Window|Socket|Server|Stream|Emitter|Timeout|Immediate|Worker|Request|Response)$/.test(
    name,
  )
    ? never(`a \`${name}\``)
    : copied;
}
