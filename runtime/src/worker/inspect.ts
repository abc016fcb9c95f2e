import type { Session } from "node:inspector";
import { newSession } from "./node.js";

/** Where V8 says a function is: at its parameter list. Counts from 0. */
export interface FunctionLocation {
  /** V8's id of the script. */
  readonly script: string;
  readonly line: number;
  readonly column: number;
}

let session: Session | undefined;
const scripts = new Map<string, string>();

/** Where a function is in its script; nothing where the embedder has no inspector. */
export function functionLocation(f: (...parameters: never[]) => unknown): FunctionLocation | undefined {
  const key = "fearless-threads.closure";
  try {
    const inspector = connect();
    let found: FunctionLocation | undefined;
    Reflect.set(globalThis, key, f);
    inspector.post("Runtime.evaluate", { expression: `globalThis[${JSON.stringify(key)}]` }, (_error, evaluated) => {
      const objectId = evaluated?.result.objectId;
      if (objectId === undefined) return;
      inspector.post("Runtime.getProperties", { objectId, ownProperties: true }, (_failed, properties) => {
        const value = properties?.internalProperties?.find((p) => p.name === "[[FunctionLocation]]")?.value?.value;
        if (value !== undefined) found = { script: value.scriptId, line: value.lineNumber, column: value.columnNumber };
      });
      inspector.post("Runtime.releaseObject", { objectId });
    });
    return found;
  } catch {
    return undefined;
  } finally {
    Reflect.deleteProperty(globalThis, key);
  }
}

/** The name of a script. Asking costs tens of milliseconds the first time: V8 lists all its scripts. */
export function scriptName(script: string): string | undefined {
  if (!scripts.has(script)) listScripts();
  return scripts.get(script);
}

function listScripts(): void {
  try {
    const inspector = connect();
    const note = ({ params }: { params: { scriptId: string; url: string } }): void => {
      scripts.set(params.scriptId, params.url);
    };
    inspector.on("Debugger.scriptParsed", note);
    inspector.post("Debugger.enable");
    inspector.post("Debugger.disable");
    inspector.off("Debugger.scriptParsed", note);
  } catch {
    // No inspector: the place of the call is used instead.
  }
}

function connect(): Session {
  if (session === undefined) {
    session = newSession();
    session.connect();
  }
  return session;
}
