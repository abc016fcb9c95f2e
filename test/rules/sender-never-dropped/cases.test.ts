import { readdirSync } from "node:fs";
import { senderNeverDropped } from "../../../server/src/analysis/rules/sender-never-dropped/rule.js";
import { runCases } from "../harness/run.js";

describe("sender-never-dropped", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [senderNeverDropped] }));
  }
});
