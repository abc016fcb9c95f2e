import type { LoadFnOutput, ModuleFormat } from "node:module";
import * as nodeModule from "node:module";
import process from "node:process";
import { liftItems, mayHaveItems } from "./lift.js";
import { withMap } from "./sourceMap.js";

/** What Node was about to run, with the items of its closures lifted, where it has any. */
export function lifted(url: string, loaded: LoadFnOutput): LoadFnOutput {
  const { format, source } = loaded;
  if (!url.startsWith("file:") || source === undefined || source === null) return loaded;
  const script = formatOf(format);
  if (script === undefined) return loaded;
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  if (!mayHaveItems(text, url)) return loaded;
  const code = script.typed ? withoutTypes(text) : text;
  const found = code === undefined ? undefined : liftItems(code, url);
  return found === undefined ? loaded : { ...loaded, format: script.format, source: withMap(found) };
}

interface Script {
  readonly format: ModuleFormat;
  /** Whether it is TypeScript, which Node would strip of its types. */
  readonly typed: boolean;
}

function formatOf(format: string | null | undefined): Script | undefined {
  switch (format) {
    case "module":
    case "commonjs":
      return { format, typed: false };
    case "module-typescript":
      return { format: "module", typed: true };
    case "commonjs-typescript":
      return { format: "commonjs", typed: true };
    default:
      return undefined;
  }
}

/** As Node does it, every type replaced by blanks; nothing where this Node cannot. */
function withoutTypes(text: string): string | undefined {
  const strip: unknown = Reflect.get(nodeModule, "stripTypeScriptTypes");
  if (typeof strip !== "function") return undefined;
  const { emitWarning } = process;
  process.emitWarning = () => {}; // That this is experimental: Node does the same to the file without a word.
  try {
    return strip(text) as string;
  } catch {
    return undefined; // Node will say what is wrong.
  } finally {
    process.emitWarning = emitWarning;
  }
}
