import { readdirSync } from "node:fs";
import { guardNotReleased } from "../../../server/src/analysis/rules/guard-not-released/rule.js";
import { runCases } from "../harness/run.js";

describe("guard-not-released", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [guardNotReleased] }));
  }
});
