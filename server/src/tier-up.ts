/** How soon V8 optimizes what runs often. */
import { setFlagsFromString } from "node:v8";

interface Flags {
  readonly late: string;
  /** What V8 has by itself. */
  readonly soon: string;
}

const invocations: Flags = {
  late: "--invocation-count-for-turbofan=18000",
  soon: "--invocation-count-for-turbofan=3000",
};

/**
 * By Node's major version, since an engine that does not know a flag complains. Late is some six times as much as soon.
 *
 * Source: `node --v8-options`
 */
const flags: Readonly<Record<string, Flags>> = {
  20: { late: "--interrupt-budget=400000", soon: "--interrupt-budget=67584" },
  22: invocations,
  24: invocations,
};

/**
 * How much of other functions V8 takes into one that it optimizes, in bytes of its bytecode; 920 by itself. It
 * compiles for less long then, which a check of some seconds has more of than of calls that it would save.
 */
const inlining = "--max-inlined-bytecode-size-cumulative=300";

/**
 * Says whether V8 optimizes soon, as it does by itself, or only what runs for long. Soon, it compiles a thousand functions
 * in the first second of a check, on the cores that the compiler of TypeScript works on: that costs as much as the check
 * of fifty files itself and saves less. From some hundred files on it pays.
 */
export function optimize(when: keyof Flags): void {
  const [major = ""] = process.versions.node.split(".");
  const known = flags[major];
  if (known === undefined) return;
  setFlagsFromString(known[when]);
  setFlagsFromString(inlining);
}
