import { readdirSync } from "node:fs";
import { captureWithoutMove } from "../../../server/src/analysis/rules/capture-without-move/rule.js";
import { runCases } from "../harness/run.js";

describe("capture-without-move", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [captureWithoutMove] }));
  }
});
