import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { configurableNames } from "../../server/src/analysis/rules/names.js";
import { configurableRules } from "../../server/src/config/rules.js";
import { fearlessThreads, node, root, runTypeScript } from "./processes.js";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "examples/README.md",
  "docs/README.md",
  "docs/benchmarks.md",
  "docs/command-line.md",
  "docs/configuration.md",
  "test/rules/README.md",
];

describe("the documentation", function () {
  this.timeout(60_000);

  it("is what the pages and the catalogue say", async () => {
    const { code, stderr } = await node(["--import", "tsx", "docs/generate.ts", "--check"]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  });

  it("names every rule that a level can be set for, in the order of the catalogue", () => {
    assert.deepEqual(
      configurableRules.map(({ name }) => name),
      configurableNames,
    );
  });

  it("has one page for each rule and no other", async () => {
    assert.deepEqual(
      (await readdir(`${root}docs/rules`)).sort(),
      configurableRules.map(({ name }) => `${name}.md`).sort(),
    );
  });

  it("links only to what is there", async () => {
    const generated = await Promise.all(
      ["docs/rules", "docs/concepts", "docs/api"].map(async (folder) =>
        (await readdir(root + folder)).map((file) => `${folder}/${file}`),
      ),
    );
    const broken: string[] = [];
    for (const page of [...pages, ...generated.flat()]) {
      const text = (await readFile(root + page, "utf8")).replace(/^(`{3,}).*?^\1$/gms, "");
      for (const [, href = ""] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [path = "", anchor] = href.split("#");
        const target = new URL(path === "" ? page : path, new URL(page, `file://${root}`));
        if (path !== "" ? !existsSync(target) : false) broken.push(`${page}: ${href}`);
        else if (
          anchor !== undefined &&
          !(await anchors(path === "" ? new URL(page, `file://${root}`) : target)).has(anchor)
        ) {
          broken.push(`${page}: ${href}`);
        }
      }
    }
    assert.deepEqual(broken, []);
  });

  it("names only scripts and commands that are there", async () => {
    const { scripts } = JSON.parse(await readFile(`${root}package.json`, "utf8")) as {
      scripts: Record<string, string>;
    };
    const { stdout: help } = await node(["server/bin/fearless-threads.js", "--help"]);
    for (const page of pages) {
      const text = await readFile(root + page, "utf8");
      for (const [, script = ""] of text.matchAll(/npm run ([\w:]+)/g))
        assert.ok(scripts[script], `${page}: npm run ${script}`);
      for (const [, command = ""] of text.matchAll(/npx fearless-threads (\w+)/g)) {
        assert.match(help, new RegExp(`^ {2}${command}\\b`, "m"), `${page}: fearless-threads ${command}`);
      }
    }
  });

  it("shows the dump as it is", async () => {
    const shown = /^```text\n(fn#0.*?)^```$/ms.exec(await readFile(`${root}CONTRIBUTING.md`, "utf8"))?.[1];
    const { stdout } = await node(["server/bin/fearless-threads.js", "dump", "examples/pitfalls/1-not-joined.ts"]);
    assert.equal(shown?.trim(), stdout.trim());
  });

  it("says the version that is built", async () => {
    const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8")) as { version: string };
    assert.ok((await readFile(`${root}CHANGELOG.md`, "utf8")).includes(version));
  });
});

describe("the README's twenty lines", function () {
  this.timeout(60_000);

  it("compile, have nothing to report, and print what they should", async () => {
    const readme = await readFile(`${root}README.md`, "utf8");
    const code = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? "";
    const lines = code.split("\n").filter((line) => line.trim() !== "");
    assert.ok(lines.length > 15 && lines.length <= 22, `${lines.length} lines`);

    const folder = `${root}test/teaching/.cache/readme/`;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}package.json`, '{ "type": "module" }\n');
    await writeFile(`${folder}main.ts`, code);
    const compilerOptions = { composite: false, emitDeclarationOnly: false, noEmit: true };
    await writeFile(
      `${folder}tsconfig.json`,
      JSON.stringify({ extends: "../../../../tsconfig.base.json", compilerOptions }),
    );
    const compiled = await node([`${root}node_modules/typescript/bin/tsc`, "-p", folder]);
    assert.equal(compiled.stdout, "");

    const checked = await fearlessThreads(["check", `${folder}main.ts`]);
    assert.equal(checked.code, 0, checked.stdout);

    const { code: exit, stdout, stderr } = await runTypeScript(`${folder}main.ts`);
    assert.equal(exit, 0, stderr);
    const [sum, ...rest] = stdout.trimEnd().split("\n");
    assert.equal(sum, "6");
    assert.match(rest.toSorted().join(), /^a was number [12],b was number [12]$/);
    assert.equal(new Set(rest.map((line) => line.at(-1))).size, 2, "each got a number of its own");
  });
});

/** The anchors of a page's headings, as GitHub makes them: those that are there already get a number. */
async function anchors(page: URL): Promise<ReadonlySet<string>> {
  const text = await readFile(page, "utf8");
  const found = new Set<string>();
  for (const [, heading = ""] of text.matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-");
    let name = anchor;
    for (let n = 1; found.has(name); n++) name = `${anchor}-${n}`;
    found.add(name);
  }
  return found;
}
