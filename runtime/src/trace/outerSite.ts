import type { ScriptPosition } from "../worker/position.js";

/** How many calls the library may be deep in itself before its caller is not found any more. */
const depth = 20;

/** Where the running script has called this library; a library that is bundled with its caller cannot be told from it. */
export function outerSite(): ScriptPosition | undefined {
  const { stackTraceLimit, prepareStackTrace } = Error;
  let sites: readonly NodeJS.CallSite[] = [];
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = depth;
    Error.prepareStackTrace = (_error, found) => {
      sites = found;
      return "";
    };
    Error.captureStackTrace(holder, outerSite);
    void holder.stack;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Reflect.set(Error, "prepareStackTrace", prepareStackTrace);
  }
  const own = sites[0]?.getScriptNameOrSourceURL();
  const outer = sites.find((site) => {
    const file = site.getScriptNameOrSourceURL();
    return typeof file === "string" && file !== own && !file.startsWith("node:");
  });
  const file = outer?.getScriptNameOrSourceURL();
  const line = outer?.getLineNumber();
  const column = outer?.getColumnNumber();
  if (typeof file !== "string" || typeof line !== "number" || typeof column !== "number") return undefined;
  return { file, line, column };
}
