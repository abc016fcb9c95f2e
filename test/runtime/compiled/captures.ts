// Closures that use what a thread does not have; compiled by captures.test.ts, with every compiler.
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { thread } from "fearless-threads";

const outside = [1, 2, 3];
function helps(): number {
  return outside.length;
}

/** What is said of each. */
export async function run(): Promise<Record<string, string>> {
  thread.setPanicHook(() => {});
  const said: Record<string, string> = {};
  const note = async (what: string, handle: ReturnType<typeof thread.spawn<unknown>>): Promise<void> => {
    said[what] = (await handle.join()).match({ ok: String, err: (panic) => panic.message });
  };
  await note(
    "named import",
    thread.spawn(() => readFileSync(".")),
  );
  await note(
    "namespace",
    thread.spawn(() => path.join("a", "b")),
  );
  await note(
    "variable",
    thread.spawn(() => outside.length),
  );
  await note(
    "function",
    thread.spawn(() => helps()),
  );
  return said;
}
