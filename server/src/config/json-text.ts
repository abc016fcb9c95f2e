/** JSON as people write it in config files (comments, trailing commas), read with the place of every value. */
import type { Span } from "../analysis/diagnostic.js";

export type JsonValue =
  | { readonly kind: "object"; readonly members: readonly JsonMember[]; readonly span: Span }
  | { readonly kind: "array"; readonly elements: readonly JsonValue[]; readonly span: Span }
  | { readonly kind: "scalar"; readonly value: string | number | boolean | null; readonly span: Span };

export interface JsonMember {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: JsonValue;
}

/** A text that is no JSON. `offset` is where reading stopped. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Deeper nesting than this is not a config. */
const maxDepth = 100;

/** @throws {JsonSyntaxError} */
export function parseJson(text: string): JsonValue {
  const reader = { text, at: text.startsWith("\uFEFF") ? 1 : 0 };
  const value = readValue(reader, 0);
  skip(reader);
  if (reader.at < text.length) throw fail(reader, "expected the end of the file");
  return value;
}

interface Reader {
  readonly text: string;
  at: number;
}

function fail(reader: Reader, expected: string): JsonSyntaxError {
  const found =
    reader.at < reader.text.length
      ? `found \`${[...reader.text.slice(reader.at, reader.at + 2)][0]}\``
      : "the file ends";
  return new JsonSyntaxError(`${expected}, ${found}`, reader.at);
}

const blank = /(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y;

function skip(reader: Reader): void {
  blank.lastIndex = reader.at;
  blank.exec(reader.text);
  reader.at = blank.lastIndex;
}

function take(reader: Reader, character: string): boolean {
  skip(reader);
  if (reader.text[reader.at] !== character) return false;
  reader.at++;
  return true;
}

function readValue(reader: Reader, depth: number): JsonValue {
  skip(reader);
  if (depth > maxDepth) throw fail(reader, `expected at most ${maxDepth} levels`);
  const start = reader.at;
  if (take(reader, "{")) {
    const members = readMembers(reader, depth);
    return { kind: "object", members, span: { start, end: reader.at } };
  }
  if (take(reader, "[")) {
    const elements: JsonValue[] = [];
    while (!take(reader, "]")) {
      elements.push(readValue(reader, depth + 1));
      if (!take(reader, ",") && reader.text[reader.at] !== "]") throw fail(reader, "expected `,` or `]`");
    }
    return { kind: "array", elements, span: { start, end: reader.at } };
  }
  return readScalar(reader);
}

function readMembers(reader: Reader, depth: number): readonly JsonMember[] {
  const members: JsonMember[] = [];
  while (!take(reader, "}")) {
    const key = readScalar(reader);
    if (key.kind !== "scalar" || typeof key.value !== "string") {
      throw new JsonSyntaxError("expected a name in double quotes", key.span.start);
    }
    if (!take(reader, ":")) throw fail(reader, "expected `:`");
    members.push({ key: key.value, keySpan: key.span, value: readValue(reader, depth + 1) });
    if (!take(reader, ",") && reader.text[reader.at] !== "}") throw fail(reader, "expected `,` or `}`");
  }
  return members;
}

const scalar = /"(?:[^"\\\r\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function readScalar(reader: Reader): JsonValue {
  skip(reader);
  scalar.lastIndex = reader.at;
  const match = scalar.exec(reader.text);
  if (match === null) throw fail(reader, "expected a value");
  const start = reader.at;
  try {
    const value = JSON.parse(match[0]) as string | number | boolean | null;
    reader.at = scalar.lastIndex;
    return { kind: "scalar", value, span: { start, end: reader.at } };
  } catch {
    throw fail(reader, "expected a valid string");
  }
}
