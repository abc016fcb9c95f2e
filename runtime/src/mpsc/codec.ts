import { isHandle } from "../transport/handle.js";
import { TextReader, writeText } from "./text.js";

/**
 * Messages as bytes: what most messages are made of, and nothing else. What is not in here (class instances, buffers,
 * handles, long or deep things) goes through a port, as structured clone brings it.
 */
const tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  int: 4,
  double: 5,
  bigint: 6,
  narrow: 7,
  wide: 8,
  array: 9,
  object: 10,
  map: 11,
  set: 12,
  date: 13,
  /** A thing that was there before: shared, or inside itself. */
  again: 14,
  /** From here on the tag is a whole number itself: 0 to 127. */
  small: 128,
} as const;

/** The most bytes that a message may have. */
export const maxBytes = 32 * 1024;
const maxDepth = 32;
const maxItems = 64;

/** Writes messages into bytes of its own. */
export class Encoder {
  /** The bytes, as the words that are copied into the ring. */
  readonly words: Int32Array;
  readonly #most: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #seen: object[] = [];
  #at = 0;

  /** @param most how many bytes a message may have. */
  constructor(most: number = maxBytes) {
    this.#most = most;
    this.words = new Int32Array((most + 64) / 4);
    this.#bytes = new Uint8Array(this.words.buffer);
    this.#view = new DataView(this.words.buffer);
  }

  /**
   * Writes a value from byte `at` on.
   *
   * @returns the byte behind it, or -1 where the value is not one for this codec.
   */
  encode(value: unknown, at: number): number {
    this.#at = at;
    if (this.#seen.length > 0) this.#seen.length = 0; // Also where a getter threw while the last one was written.
    const fits = this.#write(value, 0);
    if (this.#seen.length > 0) this.#seen.length = 0;
    return fits ? this.#at : -1;
  }

  #write(value: unknown, depth: number): boolean {
    if (this.#at > this.#most) return false;
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "string":
        return this.#text(value);
      case "boolean":
        return this.#byte(value ? tag.true : tag.false);
      case "undefined":
        return this.#byte(tag.undefined);
      case "bigint":
        return this.#byte(tag.bigint) && this.#text(value.toString(16));
      case "object":
        return value === null ? this.#byte(tag.null) : depth < maxDepth && this.#object(value, depth + 1);
      default:
        return false;
    }
  }

  #byte(byte: number): true {
    this.#bytes[this.#at++] = byte;
    return true;
  }

  #count(tag: number, count: number): true {
    this.#bytes[this.#at++] = tag;
    this.#view.setUint32(this.#at, count, true);
    this.#at += 4;
    return true;
  }

  #number(value: number): true {
    if ((value | 0) === value && (value !== 0 || !Object.is(value, -0))) {
      if (value >= 0 && value < 128) return this.#byte(tag.small + value);
      this.#bytes[this.#at++] = tag.int;
      this.#view.setInt32(this.#at, value, true);
      this.#at += 4;
    } else {
      this.#bytes[this.#at++] = tag.double;
      this.#view.setFloat64(this.#at, value, true);
      this.#at += 8;
    }
    return true;
  }

  #text(text: string): boolean {
    const { length } = text;
    if (this.#at + length * 2 > this.#most) return false;
    const start = this.#at + 5;
    this.#count(tag.narrow, length);
    if (writeText(this.#bytes, start, text)) {
      this.#at = start + length;
      return true;
    }
    this.#bytes[start - 5] = tag.wide;
    for (let i = 0; i < length; i++) this.#view.setUint16(start + i * 2, text.charCodeAt(i), true);
    this.#at = start + length * 2;
    return true;
  }

  #object(value: object, depth: number): boolean {
    const known = this.#seen.indexOf(value);
    if (known >= 0) return this.#count(tag.again, known);
    if (this.#seen.push(value) > maxItems || isHandle(value)) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#fields(value, depth);
    if (prototype === Array.prototype) return Array.isArray(value) && this.#items(value, depth);
    if (prototype === Date.prototype) return this.#date(value);
    if (prototype === Map.prototype) return value instanceof Map && this.#map(value, depth);
    if (prototype === Set.prototype) return value instanceof Set && this.#set(value, depth);
    return false;
  }

  #fields(value: object, depth: number): boolean {
    if (Symbol.toStringTag in value) return false;
    const keys = Object.keys(value);
    if (keys.length > maxItems) return false;
    const fields = value as Readonly<Record<string, unknown>>;
    this.#count(tag.object, keys.length);
    for (const key of keys) {
      if (!this.#text(key) || !this.#write(fields[key], depth)) return false;
    }
    return true;
  }

  /** An array with holes, or fields of its own, has as many keys as items only by chance, and then not in order. */
  #items(items: readonly unknown[], depth: number): boolean {
    if (items.length > maxItems) return false;
    const keys = Object.keys(items);
    if (keys.length !== items.length || (keys.length > 0 && keys[keys.length - 1] !== String(items.length - 1))) {
      return false;
    }
    this.#count(tag.array, items.length);
    for (const item of items) if (!this.#write(item, depth)) return false;
    return true;
  }

  #date(value: object): boolean {
    if (!(value instanceof Date) || Object.keys(value).length > 0) return false;
    this.#bytes[this.#at++] = tag.date;
    this.#view.setFloat64(this.#at, value.getTime(), true);
    this.#at += 8;
    return true;
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): boolean {
    if (map.size > maxItems) return false;
    this.#count(tag.map, map.size);
    for (const [key, item] of map) if (!this.#write(key, depth) || !this.#write(item, depth)) return false;
    return true;
  }

  #set(set: ReadonlySet<unknown>, depth: number): boolean {
    if (set.size > maxItems) return false;
    this.#count(tag.set, set.size);
    for (const item of set) if (!this.#write(item, depth)) return false;
    return true;
  }
}

/** Reads what an {@link Encoder} wrote. */
export class Decoder {
  /** Where the words of a record are copied to. */
  readonly words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #texts: TextReader;
  /** Apart from other texts, which are less likely to come again, and would be remembered in their place. */
  readonly #keys: TextReader;
  readonly #seen: object[] = [];
  #at = 0;

  /** @param most how many bytes a message may have. */
  constructor(most: number = maxBytes) {
    this.words = new Int32Array((most + 64) / 4);
    this.#bytes = new Uint8Array(this.words.buffer);
    this.#view = new DataView(this.words.buffer);
    this.#texts = new TextReader(this.#bytes);
    this.#keys = new TextReader(this.#bytes);
  }

  /** The value from byte `at` on. */
  decode(at: number): unknown {
    this.#at = at;
    const value = this.#read();
    if (this.#seen.length > 0) this.#seen.length = 0;
    return value;
  }

  #read(): unknown {
    const first = this.#bytes[this.#at++] ?? 0;
    if (first >= tag.small) return first - tag.small;
    switch (first) {
      case tag.null:
        return null;
      case tag.false:
        return false;
      case tag.true:
        return true;
      case tag.int:
        this.#at += 4;
        return this.#view.getInt32(this.#at - 4, true);
      case tag.double:
        return this.#double();
      case tag.bigint:
        return bigintOf(String(this.#read()));
      case tag.narrow:
        return this.#narrow(this.#texts);
      case tag.wide:
        return this.#wide();
      case tag.again:
        return this.#seen[this.#count()];
      case tag.date:
        return this.#remember(new Date(this.#double()));
      case tag.array:
        return this.#array();
      case tag.object:
        return this.#object();
      case tag.map:
        return this.#map();
      case tag.set:
        return this.#set();
      default:
        return undefined;
    }
  }

  #remember<V extends object>(value: V): V {
    this.#seen.push(value);
    return value;
  }

  #count(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  #double(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  #narrow(reader: TextReader): string {
    const length = this.#count();
    const start = this.#at;
    this.#at += length;
    return reader.narrow(start, length);
  }

  #wide(): string {
    const length = this.#count();
    const start = this.#at;
    this.#at += length * 2;
    return this.#texts.wide(start, length);
  }

  #array(): unknown[] {
    const count = this.#count();
    const items: unknown[] = this.#remember([]);
    for (let i = 0; i < count; i++) items.push(this.#read());
    return items;
  }

  #object(): object {
    const count = this.#count();
    const object: Record<string, unknown> = this.#remember({});
    for (let i = 0; i < count; i++) {
      const key = this.#bytes[this.#at++] === tag.narrow ? this.#narrow(this.#keys) : this.#wide();
      if (key === "__proto__") {
        const value = this.#read();
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        object[key] = this.#read();
      }
    }
    return object;
  }

  #map(): Map<unknown, unknown> {
    const count = this.#count();
    const map = this.#remember(new Map<unknown, unknown>());
    for (let i = 0; i < count; i++) {
      const key = this.#read();
      map.set(key, this.#read());
    }
    return map;
  }

  #set(): Set<unknown> {
    const count = this.#count();
    const set = this.#remember(new Set<unknown>());
    for (let i = 0; i < count; i++) set.add(this.#read());
    return set;
  }
}

/** From hexadecimal, which takes a time in proportion to the length; `BigInt` reads it without a sign only. */
function bigintOf(text: string): bigint {
  return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}
