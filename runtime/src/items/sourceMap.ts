import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import remapping, { type EncodedSourceMap, type SourceMapSegment } from "@jridgewell/remapping";

/** A source map. Source: ECMA-426. */
export interface SourceMap {
  readonly version: 3;
  readonly names: string[];
  readonly sources: string[];
  readonly sourcesContent: string[];
  readonly mappings: string;
}

const comment = /^\/\/[#@] sourceMappingURL=(\S+)[^\S\n]*$/gm;

/** A map as it is made. */
interface DecodedMap {
  readonly mappings: SourceMapSegment[][];
  readonly names: readonly string[];
  readonly sources: (string | null)[];
  readonly sourcesContent: (string | null)[];
}

/** The code without the comments that name its map. The rest stays where it is. */
export function withoutMap(code: string): string {
  return code.replace(comment, "");
}

/** The code with its map in it. */
export function withMap({ code, map }: { readonly code: string; readonly map: SourceMap }): string {
  const data = Buffer.from(JSON.stringify(map)).toString("base64");
  return `${code}//# sourceMappingURL=data:application/json;base64,${data}\n`;
}

/** The map of what was made of a code, back to what the code itself was made of, where it says so. */
export function composed(map: DecodedMap, code: string, file: string): SourceMap {
  const before = mapOf(code, file);
  // The given code is the only source of the map; what its own map names is not asked any further.
  const both = remapping({ ...map, version: 3, names: [...map.names] }, (_source, { depth }) =>
    depth === 1 && before !== undefined ? before : null,
  );
  return {
    version: 3,
    names: both.names,
    sources: both.sources.map((source) => source ?? file),
    sourcesContent: (both.sourcesContent ?? []).map((text) => text ?? ""),
    mappings: String(both.mappings),
  };
}

/** What the last comment of a code names: the map itself, or the file it is in. */
function mapOf(code: string, file: string): EncodedSourceMap | undefined {
  const named = [...code.matchAll(comment)].at(-1)?.[1];
  if (named === undefined) return undefined;
  try {
    const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(named);
    const [, base64, data = ""] = inline ?? [];
    const json =
      inline === null
        ? readFileSync(new URL(named, urlOf(file)), "utf8")
        : Buffer.from(decodeURIComponent(data), base64 === undefined ? "utf8" : "base64").toString();
    return JSON.parse(json) as EncodedSourceMap;
  } catch {
    return undefined;
  }
}

function urlOf(file: string): string {
  return file.startsWith("file:") ? file : pathToFileURL(file).href;
}
