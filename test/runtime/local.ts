// Imported by closures of pool.test.ts.
import { thread } from "fearless-threads";

export const count = thread.local(() => 0);
