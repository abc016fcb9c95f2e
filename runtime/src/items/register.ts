/**
 * Turns static items on: `node --import fearless-threads/register main.js`. Closures that are spawned may then use the
 * imports, functions, classes and constants of their file.
 */

import type { LoadFnOutput, LoadHookContext } from "node:module";
import * as nodeModule from "node:module";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { lifted } from "./load.js";

type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

type Load = (url: string, context: LoadHookContext, nextLoad: NextLoad) => LoadFnOutput;

/** Hooks in the thread that loads, for `require` too: Node 22.15 and later. */
const registerHooks: ((hooks: { load: Load }) => void) | undefined = Reflect.get(nodeModule, "registerHooks");

if (registerHooks !== undefined)
  registerHooks({ load: (url, context, nextLoad) => lifted(url, nextLoad(url, context)) });
// Where hooks need a thread of their own, each worker would start one more, which takes far longer than the worker does.
else if (isMainThread) nodeModule.register("./hooks.js", import.meta.url);

// Positions are those of the code that runs; what it was made of is in its map.
process.setSourceMapsEnabled(true);
