// Hooks in a thread of their own, for a Node that has no others. They do not see CommonJS as it is read.
import type { LoadHook } from "node:module";
import { lifted } from "./load.js";

export const load: LoadHook = async (url, context, nextLoad) => lifted(url, await nextLoad(url, context));
