import { readFileSync } from "../worker/node.js";
import { placeInScript } from "./closurePlace.js";

/** A place in a script or a source; line and column count from 1. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What a source map says of a script. */
interface SourceMap {
  /** The place in the source of a place in the script; nothing where the map has none. */
  find(place: Place): Place | undefined;
}

/** The place in the source of a place in a script as it runs, or as far on the way there as can be told. */
export function findSource(place: Place): Place {
  const inScript = placeInScript(place);
  return inScript === undefined ? place : (sourceMapOf(inScript.file)?.find(inScript) ?? inScript);
}

const known = new Map<string, SourceMap | undefined>();

/** The map that a script's last `sourceMappingURL` names, where it can be read. It waits for the server: not in a page. */
function sourceMapOf(script: string): SourceMap | undefined {
  if (!known.has(script)) known.set(script, readSourceMap(script));
  return known.get(script);
}

function readSourceMap(script: string): SourceMap | undefined {
  try {
    const text = readFileSync(script, "utf8");
    const named = [...text.matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1];
    if (named === undefined) return undefined;
    const at = new URL(named, script).href;
    return mapFrom(JSON.parse(readFileSync(at, "utf8")), at.startsWith("data:") ? script : at);
  } catch {
    return undefined;
  }
}

/** Source: ECMA-426, the source map format. */
interface Json {
  readonly mappings: string;
  readonly sources: readonly (string | null)[];
  readonly sourceRoot?: string;
}

function mapFrom({ mappings, sources, sourceRoot = "" }: Json, base: string): SourceMap {
  const lines = decode(mappings);
  return {
    find({ line, column }) {
      const segment = lines[line - 1]?.findLast(([from]) => from < column);
      const source = segment === undefined ? undefined : sources[segment[1]];
      if (segment === undefined || typeof source !== "string") return undefined;
      return { file: new URL(sourceRoot + source, base).href, line: segment[2] + 1, column: segment[3] + 1 };
    },
  };
}

/** A column of the script, and which source it is from, at which line and column. */
type Segment = readonly [from: number, source: number, line: number, column: number];

/** Segments by line. All numbers but the first of a line are relative to those of the segment before. */
function decode(mappings: string): readonly (readonly Segment[])[] {
  let source = 0;
  let line = 0;
  let column = 0;
  return mappings.split(";").map((text) => {
    const segments: Segment[] = [];
    let from = 0;
    for (const [step = 0, inSources, inLines = 0, inColumns = 0] of text.split(",").map(numbersIn)) {
      from += step;
      if (inSources === undefined) continue;
      source += inSources;
      line += inLines;
      column += inColumns;
      segments.push([from, source, line, column]);
    }
    return segments;
  });
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 VLQ: five bits a digit, the lowest first; the sixth says that more follow, the very first bit is the sign. */
function numbersIn(text: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of text) {
    const bits = digits.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
