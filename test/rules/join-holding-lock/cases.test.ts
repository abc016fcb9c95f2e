import { readdirSync } from "node:fs";
import { joinHoldingLock } from "../../../server/src/analysis/rules/join-holding-lock/rule.js";
import { runCases } from "../harness/run.js";

describe("join-holding-lock", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [joinHoldingLock] }));
  }
});
