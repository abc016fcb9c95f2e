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

/** A text from its code units, whatever they are: halves of surrogate pairs too. */
export function readText(length: number, unitAt: (index: number) => number): string {
  const parts: string[] = [];
  for (let start = 0; start < length; start += 4096) {
    const units: number[] = [];
    for (let i = start; i < Math.min(length, start + 4096); i++) units.push(unitAt(i));
    parts.push(String.fromCharCode(...units));
  }
  return parts.join("");
}

/**
 * Reads texts of characters up to U+00FF. Short ones are remembered: the keys of messages come again and again, and a
 * text that is there already costs less than a new one.
 */
export class TextCache {
  readonly #bytes: Uint8Array;
  readonly #known: string[] = new Array<string>(256).fill("");

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(at: number, length: number): string {
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

  #fresh(at: number, length: number): string {
    return readText(length, (i) => this.#bytes[at + i] ?? 0);
  }
}
