// What the page loads: it has the behaviours run by name.
import { behaviours, withoutIsolation, withoutWorkers } from "./behaviours.js";
import { withItems } from "./items.js";

Reflect.set(globalThis, "runBehaviour", async (name: string): Promise<string | undefined> => {
  const run = behaviours[name] ?? withoutIsolation[name] ?? withoutWorkers[name] ?? withItems[name];
  if (run === undefined) return `there is no behaviour "${name}"`;
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? String(error.stack) : String(error);
  }
});
