import { readdirSync } from "node:fs";
import { unnecessaryMove } from "../../../server/src/analysis/rules/unnecessary-move/rule.js";
import { runCases } from "../harness/run.js";

describe("unnecessary-move", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [unnecessaryMove] }));
  }
});
