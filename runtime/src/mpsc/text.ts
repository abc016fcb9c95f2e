/** Texts of so few characters are quicker read one by one, and likely to come again. */
const short = 24;

/** Writes a text of characters up to U+00FF, a byte each. @returns false where it holds others. */
export function writeText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return false;
    bytes[at + i] = code;
  }
  return true;
}

/** Reads texts from bytes. */
export class TextReader {
  readonly #bytes: Uint8Array;
  /** Node reads long texts quicker than a loop does. */
  readonly #buffer: Buffer | undefined;
  readonly #known: string[] = new Array<string>(256).fill("");

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#buffer = typeof Buffer === "function" ? Buffer.from(bytes.buffer) : undefined;
  }

  /**
   * A text of characters up to U+00FF. Short ones are remembered: the keys of messages come again and again, and a text
   * that is there already costs less than a new one.
   */
  narrow(at: number, length: number): string {
    if (length === 0) return "";
    if (length > short) return this.#fresh(at, length);
    const bytes = this.#bytes;
    const first = bytes[at] ?? 0;
    const last = bytes[at + length - 1] ?? 0;
    const slot = (first * 7 + last * 31 + length * 13) & 0xff;
    const known = this.#known[slot] ?? "";
    if (known.length === length) {
      let i = 0;
      while (i < length && known.charCodeAt(i) === bytes[at + i]) i++;
      if (i === length) return known;
    }
    const text = this.#fresh(at, length);
    this.#known[slot] = text;
    return text;
  }

  /** A text of any code units, halves of surrogate pairs too: two bytes each, the lower one first. */
  wide(at: number, length: number): string {
    if (this.#buffer !== undefined) return this.#buffer.toString("utf16le", at, at + length * 2);
    const bytes = this.#bytes;
    return fromUnits(length, (i) => (bytes[at + i * 2] ?? 0) | ((bytes[at + i * 2 + 1] ?? 0) << 8));
  }

  #fresh(at: number, length: number): string {
    if (this.#buffer !== undefined) return this.#buffer.toString("latin1", at, at + length);
    return fromUnits(length, (i) => this.#bytes[at + i] ?? 0);
  }
}

function fromUnits(length: number, unitAt: (index: number) => number): string {
  const parts: string[] = [];
  for (let start = 0; start < length; start += 4096) {
    const units: number[] = [];
    for (let i = start; i < Math.min(length, start + 4096); i++) units.push(unitAt(i));
    parts.push(String.fromCharCode(...units));
  }
  return parts.join("");
}
