// Bytes of a value and back, as `node:v8` makes them: what locks and channels keep in shared memory. Browsers have
// structured clone only for what they send themselves.

/**
 * A value inside another: itself where JSON has it, otherwise an array. `[n]` is the n-th object, whose own parts are in
 * the list of objects; so cycles end, and what is used twice stays one.
 */
type Part = string | number | boolean | null | readonly [number] | readonly ["undefined"] | readonly [Odd, string];
type Odd = "number" | "bigint";

/** An object: what it is, and its parts. */
type Entry = readonly [kind: string, ...parts: readonly unknown[]];

/** What the bytes begin with: how many bytes of JSON follow. Memory of buffers comes after those. */
const headBytes = 4;

type View = new (buffer: ArrayBuffer, at: number, length: number) => ArrayBufferView;

const views: readonly View[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

const errors = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

/** @throws TypeError for what cannot be copied. */
export function serialize(value: unknown): Uint8Array {
  const writer = new Writer();
  const root = writer.part(value);
  const json = new TextEncoder().encode(JSON.stringify([root, writer.entries]));
  const bytes = new Uint8Array(headBytes + json.length + writer.bufferBytes);
  new DataView(bytes.buffer).setUint32(0, json.length);
  bytes.set(json, headBytes);
  let at = headBytes + json.length;
  for (const buffer of writer.buffers) {
    bytes.set(new Uint8Array(buffer), at);
    at += buffer.byteLength;
  }
  return bytes;
}

class Writer {
  readonly entries: Entry[] = [];
  readonly buffers: ArrayBuffer[] = [];
  bufferBytes = 0;
  readonly #known = new Map<object, number>();

  part(value: unknown): Part {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "undefined":
        return ["undefined"];
      case "bigint":
        return ["bigint", String(value)];
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : ["number", Object.is(value, -0) ? "-0" : `${value}`];
      case "object":
        return value === null ? null : [this.#indexOf(value)];
      default:
        throw new TypeError(`a ${typeof value} cannot be copied`);
    }
  }

  #indexOf(value: object): number {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const index = this.entries.length;
    this.#known.set(value, index);
    this.entries.push(["object"]);
    this.entries[index] = this.#entry(value);
    return index;
  }

  #entry(value: object): Entry {
    if (Array.isArray(value)) return ["array", ...value.map((item) => this.part(item))];
    if (value instanceof Map) return ["map", ...[...value].flat(1).map((item) => this.part(item))];
    if (value instanceof Set) return ["set", ...[...value].map((item) => this.part(item))];
    if (value instanceof Date) return ["date", this.part(value.getTime())];
    if (value instanceof RegExp) return ["regexp", value.source, value.flags];
    if (value instanceof Error) return this.#error(value);
    if (value instanceof ArrayBuffer) return this.#buffer(value);
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return ["boxed", this.part(value.valueOf())];
    }
    const tag = Object.prototype.toString.call(value);
    if (tag !== "[object Object]") throw new TypeError(`${tag.slice(8, -1)} cannot be copied into shared memory`);
    return ["object", ...Object.entries(value).flatMap(([key, field]) => [key, this.part(field)])];
  }

  #error(error: Error): Entry {
    const cause = "cause" in error ? [this.part(error.cause)] : [];
    return ["error", error.name, error.message, error.stack ?? "", ...cause];
  }

  #buffer(buffer: ArrayBuffer): Entry {
    const at = this.bufferBytes;
    this.buffers.push(buffer);
    this.bufferBytes += buffer.byteLength;
    return ["buffer", at, buffer.byteLength];
  }

  #view(view: ArrayBufferView): Entry {
    if (!(view.buffer instanceof ArrayBuffer)) throw new TypeError("shared memory cannot be copied into shared memory");
    const kind = views.findIndex((maker) => view instanceof maker);
    const length = view instanceof DataView || !("length" in view) ? view.byteLength : view.length;
    return ["view", kind, this.part(view.buffer), view.byteOffset, length];
  }
}

export function deserialize(bytes: Uint8Array): unknown {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const json = new TextDecoder().decode(bytes.subarray(headBytes, headBytes + length));
  const [root, entries]: [Part, Entry[]] = JSON.parse(json);
  return new Reader(entries, bytes.subarray(headBytes + length)).value(root);
}

class Reader {
  readonly #entries: readonly Entry[];
  readonly #memory: Uint8Array;
  readonly #made: object[] = [];

  constructor(entries: readonly Entry[], memory: Uint8Array) {
    this.#entries = entries;
    this.#memory = memory;
  }

  value(part: unknown): unknown {
    if (!Array.isArray(part)) return part;
    const [kind, text] = part;
    if (typeof kind === "number") return this.#object(kind);
    if (kind === "undefined") return undefined;
    return kind === "bigint" ? BigInt(text) : Number(text);
  }

  #object(index: number): object {
    return this.#made[index] ?? this.#make(index);
  }

  /** An object is known before its parts are made: they may hold it. */
  #make(index: number): object {
    const [kind, ...parts] = this.#entries[index] ?? ["object"];
    const known = <T extends object>(made: T): T => {
      this.#made[index] = made;
      return made;
    };
    switch (kind) {
      case "array": {
        const array: unknown[] = known([]);
        for (const part of parts) array.push(this.value(part));
        return array;
      }
      case "map": {
        const map = known(new Map<unknown, unknown>());
        for (let i = 0; i < parts.length; i += 2) map.set(this.value(parts[i]), this.value(parts[i + 1]));
        return map;
      }
      case "set": {
        const set = known(new Set<unknown>());
        for (const part of parts) set.add(this.value(part));
        return set;
      }
      case "date":
        return known(new Date(Number(this.value(parts[0]))));
      case "regexp":
        return known(new RegExp(String(parts[0]), String(parts[1])));
      case "boxed":
        return known(Object(this.value(parts[0])));
      case "error":
        return this.#error(parts, known);
      case "buffer": {
        const [at, length] = parts.map(Number) as [number, number];
        return known(this.#memory.slice(at, at + length).buffer);
      }
      case "view": {
        const Maker = views[Number(parts[0])] ?? Uint8Array;
        return known(new Maker(this.value(parts[1]) as ArrayBuffer, Number(parts[2]), Number(parts[3])));
      }
      default: {
        const object = known({});
        for (let i = 0; i < parts.length; i += 2) {
          const field = { value: this.value(parts[i + 1]), writable: true, enumerable: true, configurable: true };
          Object.defineProperty(object, String(parts[i]), field);
        }
        return object;
      }
    }
  }

  #error([name, message, stack, ...cause]: readonly unknown[], known: <T extends object>(made: T) => T): Error {
    const Maker = errors.find((maker) => maker.name === name) ?? Error;
    const error = known(new Maker(String(message)));
    const hidden = (value: unknown) => ({ value, writable: true, configurable: true, enumerable: false });
    Object.defineProperty(error, "stack", hidden(stack));
    if (cause.length > 0) Object.defineProperty(error, "cause", hidden(this.value(cause[0])));
    return error;
  }
}
