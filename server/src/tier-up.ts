/** How soon V8 optimizes what runs often. */
import { setFlagsFromString } from "node:v8";

/**
 * By Node's major version, since an engine that does not know a flag complains. Each is some six times the default.
 *
 * Source: `node --v8-options`
 */
const flags: Readonly<Record<string, string>> = {
  20: "--interrupt-budget=400000",
  22: "--invocation-count-for-turbofan=18000",
  24: "--invocation-count-for-turbofan=18000",
};

/**
 * Lets V8 optimize only what runs for long. By default it compiles a thousand functions in the seconds that a check
 * takes, on the cores that the compiler of TypeScript works on, which costs as much as the check itself and saves less.
 */
export function optimizeLate(): void {
  const [major = ""] = process.versions.node.split(".");
  const flag = flags[major];
  if (flag !== undefined) setFlagsFromString(flag);
}
