import { readdirSync } from "node:fs";
import { lockOrder } from "../../../server/src/analysis/rules/lock-order/rule.js";
import { runCases } from "../harness/run.js";

describe("lock-order", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [lockOrder] }));
  }
});
