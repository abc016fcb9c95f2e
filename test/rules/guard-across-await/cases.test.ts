import { readdirSync } from "node:fs";
import { guardAcrossAwait } from "../../../server/src/analysis/rules/guard-across-await/rule.js";
import { runCases } from "../harness/run.js";

describe("guard-across-await", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [guardAcrossAwait] }));
  }
});
