/**
 * The middle form of each construct, as text: pages of this folder with a source block and a `mir` block after it.
 *
 * `UPDATE_GOLDEN=1 npx mocha test/analysis/mir/golden.test.ts` writes what lowering gives now into the pages.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dump } from "../../../server/src/analysis/mir/dump.js";
import { checkModule } from "./invariants.js";
import { lowered } from "./parse.js";

const folder = fileURLToPath(new URL(".", import.meta.url));
const section = /^## (.+)\n([\s\S]*?)```(tsx?|jsx?|mts|cts)\n([\s\S]*?)```\n(?:\n```mir\n([\s\S]*?)```\n)?/gm;
const updating = process.env.UPDATE_GOLDEN === "1";

for (const page of readdirSync(folder).filter((name) => name.endsWith(".md"))) {
  const path = `${folder}${page}`;
  const before = readFileSync(path, "utf8");
  let text = before;
  describe(`mir: ${page.replace(".md", "")}`, () => {
    for (const [whole, title, prose, language, source, expected] of before.matchAll(section)) {
      it(title ?? "", async () => {
        const module = await lowered(`case.${language}`, source ?? "");
        checkModule(module);
        const actual = `${dump(module)}\n`;
        if (!updating) {
          assert.equal(actual, expected);
          return;
        }
        const fresh = `## ${title}\n${prose}\`\`\`${language}\n${source}\`\`\`\n\n\`\`\`mir\n${actual}\`\`\`\n`;
        text = text.replace(whole, () => fresh);
      });
    }
    if (updating) after(() => writeFileSync(path, text));
  });
}
