import assert from "node:assert/strict";
import { symlinkSync, unlinkSync } from "node:fs";
import { builtInModels } from "../../server/src/analysis/models/all.js";
import { createRelevance } from "../../server/src/typescript/relevance.js";
import { type Folder, makeFolder } from "../support/folder.js";

const packages = new Set(["fearless-threads"]);
const use = 'import { thread } from "fearless-threads";\n';
let folder: Folder | undefined;

/** Whether `a.ts` among these files is relevant. */
async function relevant(files: Readonly<Record<string, string>>, file = "a.ts"): Promise<boolean> {
  folder?.remove();
  folder = makeFolder(files);
  return createRelevance().relevant(folder.path(file), packages);
}

describe("relevance", () => {
  afterEach(() => {
    folder?.remove();
    folder = undefined;
  });

  it("knows a library that others use for themselves by its import alone", async () => {
    const files = {
      "a.ts": 'import { it } from "runner";',
      "b.ts": 'import { Piscina } from "piscina";',
      "node_modules/runner/package.json": '{ "name": "runner", "dependencies": { "piscina": "5" } }',
    };
    const made = makeFolder(files);
    const { packages } = builtInModels;
    try {
      assert.equal(await createRelevance().relevant(made.path("a.ts"), packages), false);
      assert.equal(await createRelevance().relevant(made.path("b.ts"), packages), true);
    } finally {
      made.remove();
    }
  });

  describe("of a file that works with workers or their memory, with no import", () => {
    for (const text of [
      "export const send = (worker: Worker) => worker.postMessage(1);",
      "Atomics.wait(cell, 0, 0);",
      "Atomics\n  .notify(cell, 0);",
      'new Worker("./w.js");',
      'import Hasher from "./hasher?worker";',
      "self.onmessage = (event) => run(event.data);",
      "const w = new globalThis.Worker (url)",
      "new\n  self.Worker(url)",
    ]) {
      it(text, async () => assert.equal(await relevant({ "a.ts": text }), true));
    }

    for (const text of [
      'new SharedWorker("./w.js");',
      "type W = Worker;",
      "new Workers(1);",
      "worker.postMessage(1);",
      "const Atomics = 1;",
    ]) {
      it(`not: ${text}`, async () => assert.equal(await relevant({ "a.ts": text }), false));
    }
  });

  describe("of a file that imports the package itself", () => {
    const forms = {
      "a named import": use,
      "a side-effect import": 'import "fearless-threads";',
      "an import of a part of it": 'import { x } from "fearless-threads/sync";',
      "a type-only import": 'import type { JoinHandle } from "fearless-threads";',
      "an import type": 'let h: import("fearless-threads").JoinHandle<number>;',
      "a re-export": 'export * from "fearless-threads";',
      "a dynamic import": 'const t = await import("fearless-threads");',
      "a dynamic import of a template": "const t = await import(`fearless-threads`);",
      "a require": "const t = require('fearless-threads');",
      "import = require": 'import t = require("fearless-threads");',
      "comments between": 'import /* a */ { thread } /* b */ from // c\n "fearless-threads";',
      "a comment before the argument": 'await import(/* webpackChunkName: "x" */ "fearless-threads");',
      "several lines": 'import {\n  thread,\n  move,\n} from\n  "fearless-threads";',
      "no spaces": 'import{thread}from"fearless-threads"',
      "an escaped specifier": 'import { thread } from "fearless\\u002dthreads";',
      "a reference comment": '/// <reference types="fearless-threads" />',
      "CRLF and a byte order mark": '\uFEFF"use strict";\r\nimport { thread } from "fearless-threads";\r\n',
      "code behind a comment": '/**\n * text\n */ import { thread } from "fearless-threads";',
      "a generator method that requires": 'class A {\n  *m() { yield require("fearless-threads"); }\n}',
    };
    for (const [form, text] of Object.entries(forms)) {
      it(`sees ${form}`, async () => assert.equal(await relevant({ "a.ts": text }), true));
    }
  });

  describe("of a file that does not", () => {
    const forms = {
      "no imports": "export const a = 1;",
      "other packages": 'import fs from "node:fs"; import x from "other"; import y from "fearless-threads-not";',
      "the name alone": 'console.log("fearless-threads");',
      "a line comment": '// import { thread } from "fearless-threads";',
      "a doc comment": '/**\n * import { thread } from "fearless-threads";\n */\nexport {};',
      "an import of nothing that exists": 'import { a } from "./nowhere.js"; import data from "./data.json";',
      "an empty file": "",
      "many comments behind a keyword": `import ${"/* a */ ".repeat(2000)};`,
      "much space behind a keyword": `from${" \n".repeat(20_000)};`,
      "many keywords": "import from require ".repeat(20_000),
      "half an import": 'import { thread } from "fearless',
    };
    for (const [form, text] of Object.entries(forms)) {
      it(`is not misled by ${form}`, async () => assert.equal(await relevant({ "a.ts": text }), false));
    }
    it("does not look at files that are no source", async () => {
      assert.equal(await relevant({ "a.md": use }, "a.md"), false);
    });
    it("does not fail at a file that is not there", async () => assert.equal(await relevant({}), false));
  });

  describe("through the project's own files", () => {
    const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      "a relative import": { "a.ts": 'import "./b.js";', "b.ts": use },
      "three steps": {
        "a.ts": 'import "./b.js";',
        "b.ts": 'export * from "./c/d.js";',
        "c/d.ts": 'import "../e.js";',
        "e.ts": use,
      },
      "a cycle": {
        "a.ts": 'import "./b.js";',
        "b.ts": 'import "./a.js"; import "./c.js";',
        "c.ts": `import "./b.js";${use}`,
      },
      "a specifier without extension": { "a.ts": 'import "./b";', "b.tsx": use },
      "an index file": { "a.ts": 'import "./lib"; ', "lib/index.ts": use },
      ".mjs for .mts": { "a.ts": 'import "./b.mjs";', "b.mts": use },
      ".cjs for .cts": { "a.ts": 'import "./b.cjs";', "b.cts": use },
      ".jsx for .tsx": { "a.ts": 'import "./b.jsx";', "b.tsx": use },
      "a .ts specifier": { "a.ts": 'import "./b.ts";', "b.ts": use },
      "a name with dots": { "a.ts": 'import "./b.worker";', "b.worker.ts": use },
      JavaScript: { "a.ts": 'import "./b.js";', "b.js": "module.exports = require('fearless-threads');" },
      "a declaration file": { "a.ts": 'import "./b.js";', "b.d.ts": use, "b.js": "" },
      "paths of a tsconfig": {
        "a.ts": 'import { b } from "@/b";',
        "tsconfig.json": '{ // comment\n "compilerOptions": { "paths": { "@/*": ["./src/*"], }, }, }',
        "src/b.ts": use,
      },
      "paths that an extended tsconfig has": {
        "a.ts": 'import { b } from "~b";',
        "tsconfig.json": '{ "extends": "./config/base.json" }',
        "config/base.json": '{ "compilerOptions": { "paths": { "~b": ["../src/b.ts"] } } }',
        "src/b.ts": use,
      },
      "paths of a referenced project": {
        "a.ts": 'import { b } from "@/b";',
        "tsconfig.json": '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
        "tsconfig.app.json": '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"] } } }',
        "src/b.ts": use,
      },
      baseUrl: {
        "a.ts": 'import { b } from "lib/b";',
        "tsconfig.json": '{ "compilerOptions": { "baseUrl": "./src" } }',
        "src/lib/b.ts": use,
      },
      "imports of a package.json": {
        "a.ts": 'import { b } from "#lib/b.js";',
        "package.json": '{ "imports": { "#lib/*": { "types": "./src/*", "default": "./dist/*" } } }',
        "src/b.ts": use,
      },
      "imports of a package.json that name the package": {
        "a.ts": 'import { b } from "#threads";',
        "package.json": '{ "imports": { "#threads": "fearless-threads" } }',
      },
      "a package that needs it": {
        "a.ts": 'import { b } from "wrapper/sub";',
        "node_modules/wrapper/package.json": '{ "name": "wrapper", "dependencies": { "fearless-threads": "1" } }',
      },
      "the package's own name": { "a.ts": 'import "me/threads";', "package.json": '{ "name": "me", "exports": {} }' },
      "the package's own name to its sources": {
        "a.ts": 'import "me";',
        "package.json": '{ "name": "me", "exports": { "types": "./src/b.ts", "default": "./dist/b.js" } }',
        "src/b.ts": use,
      },
      "the package's own name to what is built": {
        "a.ts": 'import "me";',
        "package.json": '{ "name": "me", "exports": "./dist/b.js" }',
        "dist/b.js": "",
      },
      "the nearest of the patterns that the package's own name matches": {
        "a.ts": 'import "me/sub/b";',
        "package.json": '{ "name": "me", "exports": { "./*": "./other/*.ts", "./sub/*": "./src/*.ts" } }',
        "other/sub/b.ts": "",
        "src/b.ts": use,
      },
      "what the package does not let be reached by its own name": {
        "a.ts": 'import "me/internal/b";',
        "package.json": '{ "name": "me", "exports": { "./*": "./src/*.ts", "./internal/*": null } }',
        "src/internal/b.ts": "",
      },
    };
    for (const [form, files] of Object.entries(cases)) {
      it(`follows ${form}`, async () => assert.equal(await relevant(files), true));
    }

    it("stops where the package's own name leads to sources that do not use it", async () => {
      const files = {
        "a.ts": 'import { b } from "me"; import { c } from "me/c";',
        "package.json": '{ "name": "me", "exports": { ".": "./src/b.ts", "./*": { "import": "./src/*.ts" } } }',
        "src/b.ts": "export const b = 1;",
        "src/c.ts": "export const c = 1;",
        "src/threads.ts": use,
      };
      assert.equal(await relevant(files), false);
    });

    it("stops at packages that do not need it", async () => {
      const files = {
        "a.ts": 'import { b } from "other";',
        "node_modules/other/package.json": '{ "name": "other", "dependencies": { "more": "1" } }',
        "node_modules/other/index.js": "require('fearless-threads')",
        "node_modules/more/package.json": '{ "name": "more", "dependencies": { "fearless-threads": "1" } }',
      };
      assert.equal(await relevant(files), false);
    });

    it("follows the packages of a workspace through each other", async () => {
      folder = makeFolder({
        "a.ts": 'import { b } from "one";',
        "packages/one/package.json": '{ "name": "one", "dependencies": { "two": "*" } }',
        "packages/two/package.json": '{ "name": "two", "peerDependencies": { "fearless-threads": "*" } }',
        "node_modules/.keep": "",
      });
      for (const name of ["one", "two"])
        symlinkSync(folder.path(`packages/${name}`), folder.path(`node_modules/${name}`));
      assert.equal(await createRelevance().relevant(folder.path("a.ts"), packages), true);
    });

    it("survives folders and configurations that contain themselves", async () => {
      folder = makeFolder({
        "a.ts": 'import "./self/self/b.js"; import "./l1.js";',
        "tsconfig.json": '{ "extends": "./tsconfig.json" }',
        "b.ts": use,
      });
      symlinkSync(folder.root, folder.path("self"));
      symlinkSync(folder.path("l1.ts"), folder.path("l2.ts"));
      symlinkSync(folder.path("l2.ts"), folder.path("l1.ts"));
      assert.equal(await createRelevance().relevant(folder.path("a.ts"), packages), true);
    });

    it("survives broken configurations", async () => {
      const files = { "a.ts": 'import "./b.js";', "b.ts": use, "tsconfig.json": "{ oops", "package.json": "[1, 2" };
      assert.equal(await relevant(files), true);
    });
  });

  describe("as files change", () => {
    it("reads open editors before the disk, and the disk again when they close", async () => {
      folder = makeFolder({ "a.ts": 'import "./b.js";', "b.ts": "" });
      const [relevance, a, b] = [createRelevance(), folder.path("a.ts"), folder.path("b.ts")];
      assert.equal(await relevance.relevant(a, packages), false);
      relevance.edit(b, use);
      assert.equal(await relevance.relevant(a, packages), true);
      relevance.close(b);
      assert.equal(await relevance.relevant(a, packages), false);
    });

    it("sees editors whose files do not exist yet", async () => {
      folder = makeFolder({ "a.ts": 'import "./b.js";' });
      const [relevance, a, b] = [createRelevance(), folder.path("a.ts"), folder.path("b.ts")];
      assert.equal(await relevance.relevant(a, packages), false);
      relevance.edit(b, use);
      assert.equal(await relevance.relevant(a, packages), true);
      relevance.close(b);
      assert.equal(await relevance.relevant(a, packages), false);
    });

    it("sees what was written, created and deleted on disk once it is told", async () => {
      folder = makeFolder({ "a.ts": 'import "./b.js";', "b.ts": "" });
      const [relevance, a] = [createRelevance(), folder.path("a.ts")];
      assert.equal(await relevance.relevant(a, packages), false);
      const b = folder.write("b.ts", use);
      relevance.diskChanged([b]);
      assert.equal(await relevance.relevant(a, packages), true);
      unlinkSync(b);
      relevance.diskChanged();
      assert.equal(await relevance.relevant(a, packages), false);
      folder.write("b.tsx", use);
      relevance.diskChanged([folder.path("b.tsx")]);
      assert.equal(await relevance.relevant(a, packages), true);
    });
  });
});
