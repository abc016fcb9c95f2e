import { readdirSync } from "node:fs";
import { guardDroppedAtOnce } from "../../../server/src/analysis/rules/guard-dropped-at-once/rule.js";
import { runCases } from "../harness/run.js";

describe("guard-dropped-at-once", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [guardDroppedAtOnce] }));
  }
});
