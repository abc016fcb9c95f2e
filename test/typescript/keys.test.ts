import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { createProgramHost } from "../../server/src/typescript/host.js";
import { type Asked, askAll } from "../support/ask.js";
import { makeFolder } from "../support/folder.js";
import { withProject } from "../support/project.js";

type Files = Readonly<Record<string, string>>;

/** Asks about all names of `a.ts` (or of `main`) in a project of these files. */
async function ask<T>(
  files: Files | string,
  body: (asked: Asked, path: (relative: string) => string) => T,
  main = "a.ts",
): Promise<T> {
  const all = typeof files === "string" ? { [main]: files } : files;
  return withProject(all, async (snapshot, path) => body(await askAll(snapshot, path(main)), path));
}

/** The qualified name of what `name` refers to. */
const named = (files: Files | string, name: string, main?: string) =>
  ask(files, (asked) => asked.symbol(name)?.name, main);
const typed = (text: string, name = "x") => ask(text, (asked) => asked.type(name));

describe("symbol keys", () => {
  describe("follow a name to its declaration", () => {
    const lib =
      "export function f() {}\nexport default function g() {}\nexport const c = 1;\nexport namespace deep { export function h() {} }";
    const ways: Readonly<Record<string, readonly [text: string, name: string]>> = {
      "a named import": ['import { f } from "./lib.js"; f;', "f"],
      "a renamed import": ['import { f as other } from "./lib.js"; other;', "other"],
      "a namespace import": ['import * as lib from "./lib.js"; lib.f;', "f"],
      "a barrel": ['import { f } from "./barrel.js"; f;', "f"],
      "a renaming barrel": ['import { renamed } from "./barrel.js"; renamed;', "renamed"],
      "a namespace of a barrel": ['import { lib } from "./barrel.js"; lib.f;', "f"],
      "a dynamic import": ['const lib = await import("./lib.js"); lib.f;', "f"],
      "destructuring a dynamic import": [
        'const { f: mine } = await import("./lib.js"); mine; (await import("./lib.js")).f;',
        "f",
      ],
      "an import type": ['type T = typeof import("./lib.js").f;', "f"],
      "an import of types only": ['import type { f } from "./lib.js"; let x: typeof f;', "f"],
    };
    const barrel =
      'export * from "./lib.js"; export { f as renamed } from "./lib.js"; export * as lib from "./lib.js";';
    for (const [way, [text, name]] of Object.entries(ways)) {
      it(`through ${way}`, () =>
        ask({ "a.ts": text, "lib.ts": lib, "barrel.ts": barrel }, (asked, path) => {
          assert.deepEqual(asked.symbol(name), { package: undefined, file: path("lib.ts"), name: "f", offset: 16 });
        }));
    }

    const names: Readonly<Record<string, string>> = {
      "a constant": "export const again = f;",
      "a constant for a member": "export const again = all.f;",
      "a constant for a bound function": "export const again = all.f.bind(all);",
      "a pattern": "export const { f: again } = all;",
      "two constants": "const between = f; export { between as again };",
    };
    for (const [name, text] of Object.entries(names)) {
      it(`through ${name} of another file`, () => {
        const other = `import { f } from "./lib.js"; import * as all from "./lib.js"; ${text}`;
        const files = { "a.ts": 'import { again } from "./other.js"; again;', "other.ts": other, "lib.ts": lib };
        return ask(files, (asked, path) => {
          assert.deepEqual(asked.symbol("again"), { package: undefined, file: path("lib.ts"), name: "f", offset: 16 });
        });
      });
    }

    it("through the property of an object of another file", () => {
      const other = 'import { f } from "./lib.js"; export const o = { again: f };';
      const files = { "a.ts": 'import { o } from "./other.js"; o.again;', "other.ts": other, "lib.ts": lib };
      return ask(files, (asked, path) => assert.equal(asked.symbol("again")?.file, path("lib.ts")));
    });

    const others: Readonly<Record<string, string>> = {
      "may be written again": "export let again = f;",
      "holds no function": "export const again = c;",
      "holds what a call gave": "export const again = f();",
      "is bound to arguments": "export const again = (f as Function).bind(undefined, 1);",
    };
    for (const [what, text] of Object.entries(others)) {
      it(`to a variable of another file that ${what}`, () => {
        const other = `import { c, f } from "./lib.js"; ${text}`;
        const files = { "a.ts": 'import { again } from "./other.js"; again;', "other.ts": other, "lib.ts": lib };
        return ask(files, (asked, path) => assert.equal(asked.symbol("again")?.file, path("other.ts")));
      });
    }

    it("through a default import, named as it is declared", () =>
      ask({ "a.ts": 'import x from "./lib.js"; x;', "lib.ts": lib }, (asked, path) => {
        assert.deepEqual(asked.symbol("x"), { package: undefined, file: path("lib.ts"), name: "g", offset: 47 });
      }));

    it("through a default import of what has no name", async () => {
      const files = { "a.ts": 'import x from "./lib.js"; x;', "lib.ts": "export default () => 1;" };
      assert.equal(await named(files, "x"), "default");
    });

    it("through require, in JavaScript", async () => {
      const files = {
        "a.cjs": 'const { f } = require("./lib.cjs"); const lib = require("./lib.cjs"); lib.f;',
        "lib.cjs": "exports.f = function () {};",
      };
      assert.equal(await named(files, "f", "a.cjs"), "f");
    });

    it("to the module itself", async () => {
      assert.equal(await named({ "a.ts": 'import * as lib from "./lib.js"; lib;', "lib.ts": lib }, "lib"), "*");
    });

    it("to the variable, where the name is a property too", () =>
      ask("const handle = 1; const o = { handle };", (asked) => assert.equal(asked.symbol("handle")?.offset, 6)));

    it("to different declarations, where two have the same name", () =>
      ask("{ const x = 1; x; } { const x = 2; x; }", (asked) => assert.equal(asked.symbol("x")?.offset, 28)));

    it("but not where there is none", () =>
      ask('import { gone } from "./nowhere.js"; gone; missing; undefined; function f() { arguments; }', (asked) => {
        for (const name of ["gone", "missing", "undefined", "arguments"])
          assert.equal(asked.symbol(name), undefined, name);
      }));
  });

  describe("qualify a member by what it is a member of", () => {
    const cases: Readonly<Record<string, readonly [text: string, name: string, expected: string]>> = {
      "a method": ["class K { m() {} } new K().m;", "m", "K.m"],
      "a static method": ["class K { static m() {} } K.m;", "m", "K.m"],
      "a method of a generic class": [
        "class K<T> { m(): T { throw 0; } } declare const k: K<number>; k.m;",
        "m",
        "K.m",
      ],
      "a method behind an optional chain": ["class K { m() {} } declare const k: K | undefined; k?.m;", "m", "K.m"],
      "a method of an element": [
        "class K { m() {} } declare const map: Map<string, K[]>; map.get('')?.[0]?.m;",
        "m",
        "K.m",
      ],
      "an inherited method": ["class P { m() {} } class K extends P {} new K().m;", "m", "P.m"],
      "a method through this": ["class K { m() { this.n; } n() {} }", "n", "K.n"],
      "a method of a constraint": ["class K { m() {} } function f<T extends K>(k: T) { k.m; }", "m", "K.m"],
      "a method of an interface": ["interface I { m(): void } declare const i: I; i.m;", "m", "I.m"],
      "a private member": ["class K { #p = 1; m() { this.#p; } }", "#p", "K.#p"],
      "a parameter property": ["class K { constructor(readonly p: number) {} } new K(1).p;", "p", "K.p"],
      "an accessor": ["class K { get a() { return 1; } } new K().a;", "a", "K.a"],
      "a member of a class expression": ["const K = class { m() {} }; new K().m;", "m", "K.m"],
      "an enum member": ["enum E { A } E.A;", "A", "E.A"],
      "a function of a namespace": [
        "namespace N { export namespace M { export function f() {} } } N.M.f;",
        "f",
        "N.M.f",
      ],
      "a function of an object": ["const o = { f() {} }; o.f;", "f", "o.f"],
      "an arrow of an object": ["const o = { f: () => 1 }; o.f;", "f", "o.f"],
      "a function of a nested object": ["const o = { p: { f() {} } }; o.p.f;", "f", "o.p.f"],
      "a function of a constant object": ["const o = { f() {} } as const; o.f;", "f", "o.f"],
      "a function of a checked object": ["const o = { f() {} } satisfies object; o.f;", "f", "o.f"],
      "a member of a type literal": ["type T = { f(): void }; declare const t: T; t.f;", "f", "T.f"],
      "a member of an annotated variable": ["declare const o: { f(): void }; o.f;", "f", "o.f"],
      "a member that a union's types share": [
        "class A { m() {} } class B { m() {} } declare const u: A | B; u.m;",
        "m",
        "A.m",
      ],
      "a local of a method, by nothing": ["class K { m() { const local = 1; local; } }", "local", "local"],
      "an overload": ["class K { m(): void; m(x: 1): void; m() {} } new K().m(1);", "m", "K.m"],
    };
    for (const [what, [text, name, expected]] of Object.entries(cases)) {
      it(`${what}: ${expected}`, async () => assert.equal(await named(text, name), expected));
    }

    it("a member that JavaScript declares by writing to this", async () => {
      assert.equal(await named("class K { constructor() { this.h = 1; } m() { this.h; } }", "h", "a.js"), "K.h");
    });

    it("members of the default library", () =>
      ask(
        "[1].push(2); new Map().get(1); Promise.all([]); console.log; x[Symbol.iterator]; declare const x: string;",
        (asked) => {
          const name = (of: string) => `${asked.symbol(of)?.package}:${asked.symbol(of)?.name}`;
          assert.equal(name("push"), "typescript:Array.push");
          assert.equal(name("get"), "typescript:Map.get");
          assert.equal(name("all"), "typescript:PromiseConstructor.all");
          assert.equal(name("Promise"), "typescript:Promise");
          assert.equal(name("log"), "@types/node:Console.log");
          assert.equal(name("iterator"), "typescript:SymbolConstructor.iterator");
        },
      ));
  });

  describe("name the package", () => {
    const index =
      "export declare class K { m(): void; }\nexport declare const o: { f(): void };\nexport default function (): void;";
    const use = (specifier: string) => `import d, { K, o } from "${specifier}"; new K().m; o.f; d;`;

    async function packages(files: Files, main: string, link?: readonly [from: string, to: string]): Promise<Asked> {
      const folder = makeFolder(files);
      const host = createProgramHost({ cwd: folder.root });
      try {
        if (link) symlinkSync(folder.path(link[1]), folder.path(link[0]));
        const snapshot = await host.update({ opened: [folder.path(main)] });
        return await askAll(snapshot, folder.path(main));
      } finally {
        await host.close();
        folder.remove();
      }
    }
    const own = {
      "package.json": '{ "name": "mine", "type": "module" }',
      "tsconfig.json": '{ "compilerOptions": { "module": "nodenext" } }',
    };

    it("of what is in node_modules", async () => {
      const asked = await packages(
        {
          ...own,
          "a.ts": use("pack"),
          "node_modules/pack/package.json": '{ "name": "pack", "type": "module", "types": "index.d.ts" }',
          "node_modules/pack/index.d.ts": index,
        },
        "a.ts",
      );
      const keys = ["K", "m", "o", "f", "d"].map(
        (name) => `${asked.symbol(name)?.package}:${asked.symbol(name)?.name}`,
      );
      assert.deepEqual(keys, ["pack:K", "pack:K.m", "pack:o", "pack:o.f", "pack:default"]);
      assert.equal(asked.symbol("K")?.offset, undefined);
    });

    it("where its files have package.json files without names around them", async () => {
      const asked = await packages(
        {
          ...own,
          "a.ts": use("@scope/pack"),
          "node_modules/@scope/pack/package.json": '{ "name": "@scope/pack", "exports": "./dist/esm/index.js" }',
          "node_modules/@scope/pack/dist/esm/package.json": '{ "type": "module" }',
          "node_modules/@scope/pack/dist/esm/index.d.ts": index,
        },
        "a.ts",
      );
      assert.equal(asked.symbol("m")?.package, "@scope/pack");
    });

    const workspace = {
      "package.json": '{ "name": "root", "workspaces": ["lib", "app"] }',
      "node_modules/.keep": "",
      "app/package.json": '{ "name": "app", "type": "module" }',
      "app/tsconfig.json": '{ "compilerOptions": { "module": "nodenext" } }',
      "app/a.ts": `${use("lib")} import { own } from "./own.js"; own;`,
      "app/own.ts": "export const own = 1;",
    };

    it("of a workspace's package that is linked into node_modules", async () => {
      const files = {
        ...workspace,
        "lib/package.json": '{ "name": "lib", "type": "module", "types": "./dist/index.d.ts" }',
        "lib/dist/index.d.ts": index,
      };
      const asked = await packages(files, "app/a.ts", ["node_modules/lib", "lib"]);
      assert.deepEqual([asked.symbol("m")?.package, asked.symbol("m")?.name], ["lib", "K.m"]);
      assert.deepEqual([asked.symbol("own")?.package, asked.symbol("own")?.name], [undefined, "own"]);
    });

    it("of a workspace's package that is linked as source", async () => {
      const source = "export class K { m() {} }\nexport const o = { f() {} };\nexport default function () {}";
      const files = {
        ...workspace,
        "lib/package.json": '{ "name": "lib", "type": "module", "exports": "./src/index.ts" }',
        "lib/src/index.ts": source,
      };
      const asked = await packages(files, "app/a.ts", ["node_modules/lib", "lib"]);
      assert.deepEqual([asked.symbol("m")?.package, asked.symbol("m")?.name], ["lib", "K.m"]);
      assert.equal(asked.symbol("own")?.package, undefined);
    });

    it("of what types/node declares, and of ambient modules", async () => {
      await ask('import { Worker } from "node:worker_threads"; new Worker("").terminate;', (asked) => {
        assert.deepEqual(
          [asked.symbol("terminate")?.package, asked.symbol("terminate")?.name],
          ["@types/node", "Worker.terminate"],
        );
      });
    });

    it("of fearless-threads itself, by the names that its model has", () =>
      ask(
        `import { thread, Arc, Mutex, mpsc } from "fearless-threads";
         const h = thread.spawn(() => 1); h.join; const r = await h.join(); r.unwrap();
         const [tx, rx] = mpsc.channel<number>(); tx.send; Arc.new(new Mutex(0)).lock; new thread.Builder().stackSize;`,
        (asked) => {
          const key = (name: string) => `${asked.symbol(name)?.package}:${asked.symbol(name)?.name}`;
          assert.equal(key("spawn"), "fearless-threads:spawn");
          assert.equal(key("join"), "fearless-threads:JoinHandle.join");
          assert.match(key("unwrap"), /^fearless-threads:(Ok|Err)\.unwrap$/);
          assert.equal(key("send"), "fearless-threads:Sender.send");
          assert.equal(key("lock"), "fearless-threads:Mutex.lock");
          assert.equal(key("Builder"), "fearless-threads:Builder");
          assert.equal(asked.type("h"), "JoinHandle<number>");
        },
      ));
  });
});

describe("type keys", () => {
  const cases: Readonly<Record<string, string>> = {
    "const x = 'a';": "string",
    "let x: `a${string}` | 'b' | undefined;": "string",
    "let x = 1 as 1 | 2 | null;": "number",
    "const x = 1n;": "bigint",
    "const x = Symbol();": "symbol",
    "let x = true as boolean;": "boolean",
    "let x!: void;": "void",
    "let x!: null;": "void",
    "enum E { A, B } let x!: E;": "number",
    "let x!: any;": "unknown",
    "let x!: unknown;": "unknown",
    "let x!: never;": "unknown",
    "let x!: Missing;": "unknown",
    "let x = {};": "object",
    "let x = { a: 1 };": "object",
    "let x!: object;": "object",
    "let x!: Record<string, number>;": "object",
    "let x!: Partial<Map<1, 2>>;": "object",
    "let x!: Map<string, number[]>;": "Map<string, number[]>",
    "let x!: readonly string[];": "string[]",
    "let x!: ReadonlyArray<Set<string>>;": "Set<string>[]",
    "let x!: [number, a?: Map<string, 1>];": "[number, Map<string, number>]",
    "let x = Promise.resolve(1);": "Promise<number>",
    "let x!: Promise<Map<1, 2> | undefined>;": "Promise<Map<number, number>>",
    "let x!: string | number | null;": "number | string",
    "let x!: Map<1, 2> | Set<3>;": "Map<number, number> | Set<number>",
    "let x!: Map<1, 2> & { brand: 1 };": "Map<number, number>",
    "const x = () => 1;": "() => number",
    "function x() { return new Map<1, 2>(); }": "() => Map<number, number>",
    "function x(a: 1): 1; function x(a: 2): 2; function x(a: number) { return a; }": "() => ?",
    "let x!: () => Promise<void>;": "() => Promise<void>",
    "class K {} let x = new K();": "K",
    "class K<T> { t!: T } let x = new K<string>();": "K<string>",
    "class P {} class Q extends P {} class K extends Q {} let x = new K();": "K:Q:P",
    "class P<T> { t!: T } class K extends P<string> {} let x = new K();": "K:P",
    "interface I {} interface J extends I, Iterable<1> {} let x!: J;": "J:I:Iterable",
    "class K {} let x = K;": "object",
    "class K extends Error {} let x = new K();": "K:Error",
    "class K { x = this; }": "K",
    "class K {} function f<T extends K>(x: T) { x; }": "K",
    "class K {} function f<T extends K | undefined>(x: T) { x; }": "K",
    "function f<T>(x: T) { x; }": "unknown",
    "function f<T>(x: Set<T>) { x; }": "Set<unknown>",
    "let x!: keyof { a: 1; b: 2 };": "string",
    "let x!: Awaited<Promise<Set<1>>>;": "Set<number>",
    "type A<T> = T extends string ? Set<T> : never; function f<T extends string>(x: A<T>) { x; }": "Set<string>",
    "class K<T> { n!: K<K<T>>; } let x = new K<K<K<K<K<K<K<K<K<1>>>>>>>>>();": "K<K<K<K<K<K<K<unknown>>>>>>>",
    "type L = { next: L } | null; let x!: L;": "object",
    "interface N extends Array<N> {} let x!: N;": "N:Array:RelativeIndexable",
    "let x!: typeof globalThis;": "object",
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(`${text} → ${expected}`, async () => assert.equal(await typed(text), expected));
  }

  it("of a union of very many members is not known", async () => {
    const classes = Array.from({ length: 30 }, (_, index) => `class K${index} { m${index} = 1 }`).join(" ");
    const union = Array.from({ length: 30 }, (_, index) => `K${index}`).join(" | ");
    assert.equal(await typed(`${classes} let x!: ${union};`), "unknown");
  });

  it("of JavaScript come from its comments", async () => {
    assert.equal(
      await ask("/** @type {Map<string, number>} */ let x;", (asked) => asked.type("x"), "a.js"),
      "Map<string, number>",
    );
  });
});

describe("imports", () => {
  it("are the project's own files, directly imported, once each", async () => {
    const files = {
      "a.ts": `import { b } from "./b.js"; import type { B } from "./b.js"; export * from "./c/index.js";
        import fs from "node:fs"; import { thread } from "fearless-threads"; import "./types.js"; import "./gone.js";
        const d = await import("./d.js"); type E = import("./e.js").E; import f = require("./f.cjs");`,
      "b.ts": 'import "./deep.js"; export const b = 1; export type B = 1;',
      "c/index.ts": "export {};",
      "d.ts": "export {};",
      "e.ts": "export type E = 1;",
      "f.cts": "export const f = 1;",
      "deep.ts": "export {};",
      "types.d.ts": "export type T = 1;",
    };
    await withProject(files, async (snapshot, path) => {
      const own = ["b.ts", "c/index.ts", "d.ts", "e.ts", "f.cts"].map(path);
      assert.deepEqual([...(await snapshot.imports(path("a.ts")))].sort(), own);
      assert.deepEqual(await snapshot.imports(path("nowhere.ts")), []);
    });
  });

  it("are found in JavaScript", async () => {
    const files = {
      "a.cjs": 'const b = require("./b.cjs"); require(b); require(`./b.cjs`);',
      "b.cjs": "module.exports = 1;",
    };
    await withProject(files, async (snapshot, path) => {
      assert.deepEqual(await snapshot.imports(path("a.cjs")), [path("b.cjs")]);
    });
  });
});
