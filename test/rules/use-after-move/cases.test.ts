import { readdirSync } from "node:fs";
import { useAfterMove } from "../../../server/src/analysis/rules/use-after-move/rule.js";
import { runCases } from "../harness/run.js";

describe("use-after-move", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [useAfterMove] }));
  }
});
