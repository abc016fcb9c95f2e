import { readdirSync } from "node:fs";
import { condvarWaitWithoutLoop } from "../../../server/src/analysis/rules/condvar-wait-without-loop/rule.js";
import { runCases } from "../harness/run.js";

describe("condvar-wait-without-loop", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [condvarWaitWithoutLoop] }));
  }
});
