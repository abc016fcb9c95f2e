import { readdirSync } from "node:fs";
import { copiedNotMoved } from "../../../server/src/analysis/rules/copied-not-moved/rule.js";
import { runCases } from "../harness/run.js";

describe("copied-not-moved", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [copiedNotMoved] }));
  }
});
