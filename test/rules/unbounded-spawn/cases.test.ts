import { readdirSync } from "node:fs";
import { unboundedSpawn } from "../../../server/src/analysis/rules/unbounded-spawn/rule.js";
import { runCases } from "../harness/run.js";

describe("unbounded-spawn", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [unboundedSpawn] }));
  }
});
