import { readdirSync } from "node:fs";
import { threadInModuleScope } from "../../../server/src/analysis/rules/thread-in-module-scope/rule.js";
import { runCases } from "../harness/run.js";

describe("thread-in-module-scope", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [threadInModuleScope] }));
  }
});
