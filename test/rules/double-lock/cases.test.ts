import { readdirSync } from "node:fs";
import { doubleLock } from "../../../server/src/analysis/rules/double-lock/rule.js";
import { runCases } from "../harness/run.js";

describe("double-lock", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [doubleLock] }));
  }
});
