import { readdirSync } from "node:fs";
import { ignoredJoinResult } from "../../../server/src/analysis/rules/ignored-join-result/rule.js";
import { runCases } from "../harness/run.js";

describe("ignored-join-result", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [ignoredJoinResult] }));
  }
});
