import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { type Compiler, Workspace } from "./process.js";

/** The compilers that programs which use the library are compiled with. */
const compilers: readonly Compiler[] = ["typescript", "typescript-6.0", "typescript-5.9"];

/** The programs, and how a user may have set the compiler up. Everything is strict, the library's own types included. */
const programs = [
  {
    files: ["api.ts", "sendable.ts", "places.ts"],
    options: {
      module: "node16",
      lib: ["es2022", "esnext.disposable"],
      types: ["node"],
      exactOptionalPropertyTypes: true,
    },
  },
  { files: ["dom.ts"], options: { module: "esnext", moduleResolution: "bundler", lib: ["esnext", "dom"], types: [] } },
] as const;

const text = (file: string): string => readFileSync(new URL(`types/${file}`, import.meta.url), "utf8");
const strict = { noEmit: true, target: "es2022", skipLibCheck: false, noUncheckedIndexedAccess: true } as const;

describe("the types", function () {
  this.timeout(120_000);
  const workspace = new Workspace();
  const elsewhere = new Workspace(tmpdir());
  before(() => install(elsewhere.folder));
  after(() => {
    workspace.remove();
    elsewhere.remove();
  });

  for (const compiler of compilers) {
    for (const { files, options } of programs) {
      it(`of ${files.join(" and ")} are as they should be to ${compiler}, with ${JSON.stringify(options)}`, async () => {
        for (const file of files) workspace.write(file, text(file));
        workspace.write("all.ts", files.map((file) => `import "./${file.replace(".ts", ".js")}";`).join("\n"));
        const ended = await workspace.tsc("all.ts", { ...strict, ...options }, compiler);
        const expected = Object.assign({}, ...files.map(expectedIn));
        assert.deepEqual(reasonsIn(ended.stdout), expected, ended.stdout);
      });
    }

    it(`can be named in the declarations that ${compiler} makes of what a module exports`, async () => {
      elsewhere.write("declared.ts", text("declared.ts"));
      const options = { ...strict, lib: ["es2023", "esnext.disposable", "dom"], types: [], declaration: true };
      const ended = await elsewhere.tsc("declared.ts", options, compiler);
      assert.equal(ended.stdout, "");
    });
  }
});

/** Puts the library's types where a package manager would: declarations cannot name what lies in the folder of another package. */
function install(folder: string): void {
  const library = new URL("../../runtime/", import.meta.url);
  const target = pathToFileURL(`${folder}/node_modules/fearless-threads/`);
  cpSync(new URL("package.json", library), new URL("package.json", target));
  cpSync(new URL("dist", library), new URL("dist", target), {
    recursive: true,
    filter: (name) => !name.endsWith(".js"),
  });
}

/** What the compiler says line by line: the reasons of what cannot be sent, or the whole message of anything else. */
function reasonsIn(output: string): Record<string, string> {
  const reasons: Record<string, string> = {};
  for (const [, file = "", line = "", message = ""] of output.matchAll(/^(\S[^(]*)\((\d+),\d+\): (.*)$/gm)) {
    reasons[`${file}:${line}`] = [...message.matchAll(/NotSendable<(".*?")>/g)].at(-1)?.[1]?.slice(1, -1) ?? message;
  }
  return reasons;
}

function expectedIn(file: string): Record<string, string> {
  const reasons: Record<string, string> = {};
  for (const [index, line] of text(file).split("\n").entries()) {
    const reason = /\/\/ no: (.*)$/.exec(line)?.[1];
    if (reason !== undefined) reasons[`${file}:${index + 1}`] = reason;
  }
  return reasons;
}
