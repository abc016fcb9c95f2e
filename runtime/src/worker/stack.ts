import type { SourcePosition } from "../errors.js";
import { isOwn, type ScriptPosition, toSource } from "./position.js";

const frame =
  /^(\s+at (?:async )?(?:.*? \()?)((?:[a-z][\w+.-]*:\/\/|[A-Za-z]:[\\/]|\/|fearless-threads(?=:)).*?):(\d+):(\d+)(\)?)$/;

/** A stack in the positions of the source, and the place it starts from. */
export interface MappedStack {
  readonly stack: string;
  readonly position: SourcePosition | undefined;
  /** The place in the running script that `position` is made of; absent where that was in the source already. */
  readonly script: ScriptPosition | undefined;
}

/** Maps a stack to the source and leaves this library's frames out. Files in `mapped` are in the source already. */
export function mapStack(stack: string, mapped: readonly string[]): MappedStack {
  const lines: string[] = [];
  let position: SourcePosition | undefined;
  let script: ScriptPosition | undefined;
  for (const line of stack.split("\n")) {
    const parts = frame.exec(line);
    if (parts === null) {
      if (!/^\s+at .*\(?node:/.test(line)) lines.push(line);
      continue;
    }
    const [, head = "", file = "", row = "1", column = "1", tail = ""] = parts;
    if (isOwn(file) || /^\s+at (?:async )?__threadItems\$* /.test(head)) continue;
    const at = { file, line: Number(row), column: Number(column) };
    const source = mapped.includes(file) ? at : toSource(at);
    if (position === undefined && source !== at) script = at;
    position ??= source;
    lines.push(`${head}${source.file}:${source.line}:${source.column}${tail}`);
  }
  return { stack: lines.join("\n"), position, script };
}

/** The files a stack names. */
export function filesOf(stack: string): readonly string[] {
  const files = new Set<string>();
  for (const line of stack.split("\n")) {
    const file = frame.exec(line)?.[2];
    if (file !== undefined) files.add(file);
  }
  return [...files];
}

const none: readonly NodeJS.CallSite[] = [];
let sites = none;

function takeSites(_error: Error, found: NodeJS.CallSite[]): string {
  sites = found;
  return "";
}

/**
 * `sitesAbove` sets this field of `Error`, and back: taking it away again would make everything that asks for a stack slow.
 * So that it leaves nothing that was not there, it is there from the start.
 */
export function readyForCallSites(): void {
  if (!Object.hasOwn(Error, "prepareStackTrace")) Reflect.set(Error, "prepareStackTrace", undefined);
}

/** Where `caller` was called from, in the running script. */
export function callSite(caller: (...parameters: never[]) => unknown): ScriptPosition | undefined {
  return positionOf(sitesAbove(caller, 1)[0]);
}

/** How many calls the library may be deep in itself before its caller is not found any more. */
const depth = 20;

/** Where the running script has called this library; a library that is bundled with its caller cannot be told from it. */
export function outerSite(): ScriptPosition | undefined {
  const above = sitesAbove(outerSite, depth);
  const own = above[0]?.getScriptNameOrSourceURL();
  return positionOf(
    above.find((site) => {
      const file = site.getScriptNameOrSourceURL();
      return typeof file === "string" && file !== own && !file.startsWith("node:");
    }),
  );
}

function sitesAbove(caller: (...parameters: never[]) => unknown, limit: number): readonly NodeJS.CallSite[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = takeSites;
    Error.captureStackTrace(holder, caller);
    void holder.stack;
    return sites;
  } finally {
    sites = none;
    Error.stackTraceLimit = stackTraceLimit;
    Reflect.set(Error, "prepareStackTrace", prepareStackTrace);
  }
}

function positionOf(site: NodeJS.CallSite | undefined): ScriptPosition | undefined {
  const file = site?.getScriptNameOrSourceURL();
  const line = site?.getLineNumber();
  const column = site?.getColumnNumber();
  if (typeof file !== "string" || typeof line !== "number" || typeof column !== "number") return undefined;
  return { file, line, column };
}
