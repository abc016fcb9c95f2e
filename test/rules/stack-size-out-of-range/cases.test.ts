import { readdirSync } from "node:fs";
import { stackSizeOutOfRange } from "../../../server/src/analysis/rules/stack-size-out-of-range/rule.js";
import { runCases } from "../harness/run.js";

describe("stack-size-out-of-range", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [stackSizeOutOfRange] }));
  }
});
