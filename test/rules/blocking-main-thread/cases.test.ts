import { readdirSync } from "node:fs";
import { blockingMainThread } from "../../../server/src/analysis/rules/blocking-main-thread/rule.js";
import { runCases } from "../harness/run.js";

describe("blocking-main-thread", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [blockingMainThread] }));
  }
});
