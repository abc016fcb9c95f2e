import { importModule } from "./entry.js";
import { createRequire, join, pathToFileURL, process } from "./node.js";

// tsx runs TypeScript as it is, and is what tests and the runner use; on Node 20 it does not install itself in workers.
// It also takes longer to start than a worker does. So workers start without it, and a closure that imports files
// brings it in.

/** How a worker is started with respect to loaders. */
export interface LoaderPlan {
  /** Flags for the worker; nothing where it inherits the parent's as they are. */
  readonly execArgv?: string[];
  /** URL of tsx's programming interface, where the parent runs under tsx. */
  readonly tsx: string | undefined;
}

let plan: LoaderPlan | undefined;

/** What workers started by this thread need. `inherited` is what the thread itself was given, if it is a worker. */
export function loaderPlan(inherited: string | undefined): LoaderPlan {
  plan ??= makePlan(process.execArgv, inherited);
  return plan;
}

const isTsx = (value: string): boolean =>
  /^tsx(\/esm|\/cjs)?$/.test(value) ||
  /[\\/]tsx[\\/]dist[\\/](loader\.mjs|preflight\.cjs|(esm|cjs)[\\/]index\.[cm]js)$/.test(value);

const takesValue = /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions)$/;
const loads = /^--(?:require|import|loader|experimental-loader)=(.*)$/;

function makePlan(flags: readonly string[], inherited: string | undefined): LoaderPlan {
  let tsx: string | undefined;
  let isProgram = false;
  const execArgv: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] ?? "";
    const value = takesValue.test(flag) ? (flags[i + 1] ?? "") : loads.exec(flag)?.[1];
    if (value !== undefined && isTsx(value)) tsx ??= value;
    else if (takesValue.test(flag)) execArgv.push(flag, value ?? "");
    else if (
      value !== undefined ||
      /^--(conditions=|enable-source-maps$|experimental-strip-types$|experimental-transform-types$)/.test(flag)
    )
      execArgv.push(flag);
    else if (/^(-e|--eval|-p|--print|-pe|--input-type)\b/.test(flag)) isProgram = true;
    if (takesValue.test(flag)) i++;
  }
  tsx ??= /(?:--import|--require|--loader)[= ](\S*tsx\S*)/.exec(process.env.NODE_OPTIONS ?? "")?.[1];
  const api = tsx === undefined ? inherited : tsxApi(tsx);
  return tsx !== undefined || isProgram ? { execArgv, tsx: api } : { tsx: api };
}

/** The interface beside the file that was loaded, or the one the working folder would load. */
function tsxApi(loaded: string): string | undefined {
  const beside = /^(.*[\\/]tsx[\\/]dist[\\/])/.exec(loaded)?.[1];
  try {
    if (beside !== undefined)
      return new URL("esm/api/index.mjs", beside.startsWith("file:") ? beside : pathToFileURL(beside)).href;
    return pathToFileURL(createRequire(join(process.cwd(), "index.js")).resolve("tsx/esm/api")).href.replace(
      /\.cjs$/,
      ".mjs",
    );
  } catch {
    return undefined;
  }
}

/** Whether a closure imports something that a loader may have to translate. */
export function importsFiles(source: string): boolean {
  for (const [, specifier] of source.matchAll(/\bimport\s*\(\s*(?:["'`]([^"'`]*)["'`])?/g)) {
    if (specifier === undefined || !(specifier.startsWith("node:") || specifier === "fearless-threads")) return true;
  }
  return false;
}

let loading: Promise<void> | undefined;

/** In a worker: brings tsx in, once; `new` for whoever was the first to ask. */
export async function bringIn(tsx: string): Promise<"new" | "known"> {
  const state = loading === undefined ? "new" : "known";
  loading ??= importModule(tsx).then((api) => void (api as { register(): unknown }).register());
  await loading;
  return state;
}
