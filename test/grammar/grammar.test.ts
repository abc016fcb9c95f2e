/**
 * The injection grammar on top of VS Code's own grammars, which are taken from the VS Code that the tests open.
 * Each file of fixtures/ says below a line which scopes the line's tokens have, and which they do not.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { vscodeTools } from "../../client/host/tools.js";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const tool = createRequire(import.meta.url).resolve("vscode-tmgrammar-test/dist/unit.js");

const baseGrammars = [
  "typescript-basics/syntaxes/TypeScript.tmLanguage.json",
  "typescript-basics/syntaxes/TypeScriptReact.tmLanguage.json",
  "javascript/syntaxes/JavaScript.tmLanguage.json",
  "javascript/syntaxes/JavaScriptReact.tmLanguage.json",
  "markdown-basics/syntaxes/markdown.tmLanguage.json",
];

describe("grammar", function () {
  // The first run on a machine installs VS Code.
  this.timeout(300_000);

  let grammars: string[];
  before(async () => {
    const { extensions } = await vscodeTools(console.log);
    grammars = baseGrammars.flatMap((path) => ["--grammar", join(extensions, path)]);
  });

  for (const file of readdirSync(join(here, "fixtures"))) {
    const path = join(here, "fixtures", file);
    const title = /SYNTAX TEST "[^"]*" "([^"]*)"/.exec(readFileSync(path, "utf8"))?.[1];
    it(`${title}`, async () => {
      const args = [tool, ...grammars, "--config", join(root, "package.json"), path];
      const { code, output } = await run(args);
      assert.equal(code, 0, output);
      assert.match(output, /run successfuly/, "the tool must have found the case");
    });
  }
});

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: root }, (_error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.replace(/^grammar not found for .*\n/gm, "");
      resolve({ code: child.exitCode ?? 1, output });
    });
  });
}
