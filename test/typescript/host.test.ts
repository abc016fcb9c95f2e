import assert from "node:assert/strict";
import { readFileSync, symlinkSync, unlinkSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isIdentifier, isVariableStatement, type Node, type SourceFile } from "typescript/ast";
import type { Snapshot, TypeKey } from "../../server/src/analysis/program/program.js";
import { CompilerUnavailable } from "../../server/src/typescript/compiler/unavailable.js";
import {
  type Changes,
  createProgramHost,
  type HostOptions,
  type ProgramHost,
} from "../../server/src/typescript/host.js";
import { type Folder, makeFolder } from "../support/folder.js";

let folder: Folder;
let host: ProgramHost;

/** A host over a folder with these files. */
function open(files: Readonly<Record<string, string | Uint8Array>>, options: HostOptions = {}): void {
  folder = makeFolder(files);
  host = createProgramHost({ cwd: folder.root, ...options });
}

async function using_<T>(changes: Changes, body: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const snapshot = await host.update(changes);
  try {
    return await body(snapshot);
  } finally {
    await snapshot.dispose();
  }
}

const edit = (relative: string, text: string): Changes => ({ edited: new Map([[folder.path(relative), text]]) });
const look = (relative: string): Changes => ({ opened: [folder.path(relative)] });

/** The text of a file as the compiler has it after these changes. */
const textAfter = (changes: Changes, relative: string) =>
  using_(changes, async (snapshot) => (await snapshot.tree(folder.path(relative)))?.text);

/** The type of the first variable that a file declares, as the compiler sees it after these changes. */
async function typeAfter(changes: Changes, relative: string): Promise<TypeKey | undefined> {
  return using_(changes, async (snapshot) => {
    const file = folder.path(relative);
    const tree = await snapshot.tree(file);
    assert.ok(tree, `there is no tree of ${file}`);
    const node = firstVariable(tree);
    return (await snapshot.resolve(file, [{ node, want: "type" }])).type(node);
  });
}

function firstVariable(tree: SourceFile): Node {
  const statement = tree.statements.find(isVariableStatement);
  const name = statement?.declarationList.declarations[0]?.name;
  assert.ok(name && isIdentifier(name));
  return name;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

const text = { kind: "primitive", name: "string" };
const number = { kind: "primitive", name: "number" };
const unknown = { kind: "unknown" };

describe("the program host", () => {
  afterEach(async () => {
    await host.close();
    folder.remove();
  });

  describe("answers for files", () => {
    it("of a tsconfig project", async () => {
      open({
        "tsconfig.json": '{ "compilerOptions": { "module": "nodenext" }, "include": ["src"] }',
        "src/a.ts": 'import { b } from "./b.js"; export const a = b;',
        "src/b.ts": 'export const b: string = "";',
      });
      assert.deepEqual(await typeAfter(look("src/a.ts"), "src/a.ts"), text);
    });

    for (const extension of ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"]) {
      it(`without a tsconfig: .${extension}`, async () => {
        open({ [`a.${extension}`]: 'const a = ["x"].join("");' });
        assert.deepEqual(await typeAfter(look(`a.${extension}`), `a.${extension}`), text);
      });
    }

    it("that no project includes, beside one", async () => {
      open({ "tsconfig.json": '{ "include": ["src"] }', "src/a.ts": "", "tool.js": 'const t = "x".length;' });
      assert.deepEqual(await typeAfter(look("tool.js"), "tool.js"), number);
    });

    it("that a composite project does not include", async () => {
      open({
        "tsconfig.json": '{ "files": [], "references": [{ "path": "./one" }] }',
        "one/tsconfig.json": '{ "compilerOptions": { "composite": true }, "include": ["src"] }',
        "one/src/a.ts": "export {};",
        "one/tool.ts": "const t = 1;",
      });
      assert.deepEqual(await typeAfter(look("one/tool.ts"), "one/tool.ts"), number);
      assert.deepEqual(await typeAfter(look("one/new.ts"), "one/tool.ts"), number);
    });

    it("of a project that references others", async () => {
      open({
        "app/tsconfig.json": '{ "compilerOptions": { "module": "nodenext" }, "references": [{ "path": "../lib" }] }',
        "app/a.ts": 'import { b } from "../lib/b.js"; export const a = b;',
        "lib/tsconfig.json": '{ "compilerOptions": { "composite": true, "module": "nodenext", "outDir": "out" } }',
        "lib/b.ts": "export const b = 1;",
      });
      assert.deepEqual(await typeAfter(look("app/a.ts"), "app/a.ts"), number);
    });

    it("of several workspace folders at once", async () => {
      open({
        "one/tsconfig.json": '{ "compilerOptions": { "strict": true } }',
        "one/a.ts": "let a = Math.random() > 1 ? 1 : null;",
        "two/jsconfig.json": "{}",
        "two/b.js": "let b = 'x';",
        "three/c.ts": "let c = 1;",
      });
      const files = ["one/a.ts", "two/b.js", "three/c.ts"];
      await using_({ opened: files.map(folder.path) }, async (snapshot) => {
        for (const file of files) assert.ok(await snapshot.tree(folder.path(file)), file);
      });
      assert.deepEqual(await typeAfter({}, "two/b.js"), text);
    });

    it("that nobody opened, where a project has them", async () => {
      open({ "tsconfig.json": "{}", "a.ts": "export {};", "b.ts": "const b = 1;" });
      assert.equal(await textAfter(look("a.ts"), "b.ts"), "const b = 1;");
      assert.equal(await textAfter({}, "c.ts"), undefined);
    });

    it("where what is compiled of a project is put", async () => {
      open({
        "tsconfig.json": '{ "compilerOptions": { "outDir": "out/js", "rootDir": "src" }, "include": ["src"] }',
        "src/a.ts": "export {};",
        "tools/tsconfig.json": '{ "compilerOptions": { "outDir": "../made" } }',
        "tools/b.ts": "export {};",
        "bare/tsconfig.json": "{}",
        "bare/c.ts": "export {};",
      });
      await using_(look("src/a.ts"), async (snapshot) => {
        assert.deepEqual(await snapshot.built(folder.path("src/a.ts")), {
          from: [folder.path("src")],
          to: folder.path("out/js"),
        });
      });
      await using_(look("tools/b.ts"), async (snapshot) => {
        const tools = folder.path("tools");
        assert.deepEqual(await snapshot.built(folder.path("tools/b.ts")), {
          from: [tools, `${tools}/src`],
          to: folder.path("made"),
        });
      });
      await using_(look("bare/c.ts"), async (snapshot) => {
        assert.equal(await snapshot.built(folder.path("bare/c.ts")), undefined);
      });
    });
  });

  describe("lays the text of editors over the disk", () => {
    it("and sees each edit", async () => {
      open({ "tsconfig.json": "{}", "a.ts": "const a = 1;" });
      assert.equal(await textAfter(look("a.ts"), "a.ts"), "const a = 1;");
      for (let version = 0; version < 5; version += 1) {
        const now = `const a${version} = 1;`;
        assert.equal(await textAfter(edit("a.ts", now), "a.ts"), now);
      }
    });

    it("in what other files import", async () => {
      open({ "tsconfig.json": "{}", "a.ts": 'import { b } from "./b"; const a = b;', "b.ts": "export const b = 1;" });
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), number);
      assert.deepEqual(await typeAfter(edit("b.ts", 'export const b = "";'), "a.ts"), text);
    });

    it("and keeps the trees of a few hundred, whatever is opened after them", async () => {
      const names = Array.from({ length: 600 }, (_, index) => `src/f${index}.ts`);
      const shared = { "tsconfig.json": '{ "include": ["src"] }', "src/shared.ts": "export const shared = 1;" };
      const importing = 'import { shared } from "./shared.js";\nexport const own = shared;';
      open({ ...shared, ...Object.fromEntries(names.map((name) => [name, importing])) });
      const trees = new Map<string, WeakRef<SourceFile>>();
      let before: readonly string[] = [];
      for (let at = 0; at < names.length; at += 100) {
        const opened = names.slice(at, at + 100).map((name) => folder.path(name));
        await using_({ opened, closed: before }, async (snapshot) => {
          for (const file of opened) {
            const tree = await snapshot.tree(file);
            assert.ok(tree);
            trees.set(file, new WeakRef(tree));
            const node = firstVariable(tree);
            assert.deepEqual((await snapshot.resolve(file, [{ node, want: "type" }])).type(node), number);
          }
        });
        before = opened;
      }
      collectGarbage();
      // What a WeakRef was asked for or made of in this turn stays until the next one.
      await new Promise((resolve) => setTimeout(resolve, 50));
      collectGarbage();
      const kept = [...trees.values()].filter((tree) => tree.deref() !== undefined).length;
      assert.ok(kept <= 400, `${kept} of ${names.length} trees are kept`);
    });

    it("where there is no such file, and nobody else sees it afterwards", async () => {
      open({ "tsconfig.json": "{}", "a.ts": 'import { b } from "./b"; const a = b;' });
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), unknown);
      assert.deepEqual(await typeAfter(edit("b.ts", "export const b = 1;"), "a.ts"), number);
      assert.deepEqual(await typeAfter({ closed: [folder.path("b.ts")] }, "a.ts"), unknown);
    });

    it("in folders that do not exist, as of untitled documents", async () => {
      open({});
      assert.deepEqual(
        await typeAfter(edit("no/such/folder/Untitled-1.ts", "const u = 1;"), "no/such/folder/Untitled-1.ts"),
        number,
      );
    });

    it("until they are closed", async () => {
      open({ "tsconfig.json": "{}", "a.ts": "const a = 1;", "keeps-the-project.ts": "" });
      await textAfter(look("keeps-the-project.ts"), "a.ts");
      assert.equal(await textAfter(edit("a.ts", "const a = 2;"), "a.ts"), "const a = 2;");
      assert.equal(await textAfter({ closed: [folder.path("a.ts")] }, "a.ts"), "const a = 1;");
      folder.write("a.ts", "const a = 3;");
      assert.equal(await textAfter({ disk: { changed: [folder.path("a.ts")] } }, "a.ts"), "const a = 3;");
      unlinkSync(folder.path("a.ts"));
      assert.equal(await textAfter({ disk: { deleted: [folder.path("a.ts")] } }, "a.ts"), undefined);
      folder.write("a.ts", "const a = 4;");
      assert.equal(await textAfter({ disk: { created: [folder.path("a.ts")] } }, "a.ts"), "const a = 4;");
    });

    it("also when they are closed and opened again in one step", async () => {
      open({ "a.ts": "const a = 1;" });
      assert.equal(await textAfter(edit("a.ts", "const a = 2;"), "a.ts"), "const a = 2;");
      const again = { ...edit("a.ts", "const a = 3;"), closed: [folder.path("a.ts")] };
      assert.equal(await textAfter(again, "a.ts"), "const a = 3;");
    });

    it("of a tsconfig too", async () => {
      open({ "tsconfig.json": "{}", "a.ts": "export const a = Math.random() > 1 ? 1 : null;" });
      const nonStrict = edit("tsconfig.json", '{ "compilerOptions": { "strict": false } }');
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), number);
      assert.deepEqual(await typeAfter(nonStrict, "a.ts"), number);
    });

    it("and of edits that come together only the latest", async () => {
      open({ "tsconfig.json": "{}", "a.ts": "" });
      const snapshots = await Promise.all(
        [1, 2, 3].map((version) => host.update(edit("a.ts", `const a = ${version};`))),
      );
      const texts = await Promise.all(
        snapshots.map(async (snapshot) => (await snapshot.tree(folder.path("a.ts")))?.text),
      );
      assert.equal(texts.at(-1), "const a = 3;");
      await Promise.all(snapshots.map((snapshot) => snapshot.dispose()));
      assert.equal(host.liveSnapshots, 1);
    });
  });

  describe("follows the disk", () => {
    it("where files are created, changed and deleted", async () => {
      open({ "tsconfig.json": "{}", "a.ts": 'import { b } from "./b"; const a = b;' });
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), unknown);
      const b = folder.write("b.ts", "export const b = 1;");
      assert.deepEqual(await typeAfter({ disk: { created: [b] } }, "a.ts"), number);
      folder.write("b.ts", 'export const b = "";');
      assert.deepEqual(await typeAfter({ disk: { changed: [b] } }, "a.ts"), text);
      unlinkSync(b);
      assert.deepEqual(await typeAfter({ disk: { deleted: [b] } }, "a.ts"), unknown);
    });

    it("where a file went and came, or came and went, before anybody asked", async () => {
      open({ "tsconfig.json": "{}", "a.ts": 'import { b } from "./b"; const a = b;', "b.ts": "export const b = 1;" });
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), number);
      const b = folder.write("b.ts", 'export const b = "";');
      assert.deepEqual(await typeAfter({ disk: { created: [b], deleted: [b] } }, "a.ts"), text);
      unlinkSync(b);
      assert.deepEqual(await typeAfter({ disk: { created: [b], changed: [b], deleted: [b] } }, "a.ts"), unknown);
    });

    it("where a file appears that somebody looked at before", async () => {
      open({});
      assert.equal(await textAfter(look("a.ts"), "a.ts"), undefined);
      const a = folder.write("a.ts", "const a = 1;");
      assert.equal(await textAfter({ disk: { created: [a] } }, "a.ts"), "const a = 1;");
    });

    it("where a tsconfig appears and changes whose a file is", async () => {
      open({ "a.ts": 'import { b } from "@/b"; const a = b;', "src/b.ts": "export const b = 1;" });
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), unknown);
      const config = folder.write("tsconfig.json", '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }');
      assert.deepEqual(await typeAfter({ disk: { created: [config] } }, "a.ts"), number);
    });

    it("where a package is installed", async () => {
      open({ "tsconfig.json": "{}", "a.ts": 'import { b } from "pack"; const a = b;' });
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), unknown);
      const created = [
        folder.write("node_modules/pack/package.json", '{ "name": "pack", "types": "./index.d.ts" }'),
        folder.write("node_modules/pack/index.d.ts", "export declare const b: number;"),
      ];
      assert.deepEqual(await typeAfter({ disk: { created } }, "a.ts"), number);
    });
  });

  describe("bears with", () => {
    const configs = {
      "a broken tsconfig": '{ "compilerOptions": { "strict": tru ',
      "an empty tsconfig": "",
      "a tsconfig that is no object": "[1, 2]",
      "a tsconfig of years ago": JSON.stringify({
        compilerOptions: {
          baseUrl: ".",
          moduleResolution: "node10",
          target: "es5",
          module: "commonjs",
          paths: { "@/*": ["src/*"] },
        },
      }),
      "options that do not exist": '{ "compilerOptions": { "nope": 1, "target": "es2099", "lib": ["nope"] } }',
      "a missing base": '{ "extends": "./nowhere.json" }',
      "a base that is the file itself": '{ "extends": "./tsconfig.json" }',
      "references to nowhere": '{ "references": [{ "path": "./nowhere" }] }',
      "references to itself": '{ "references": [{ "path": "." }] }',
      "types that are not installed": '{ "compilerOptions": { "types": ["nope"] } }',
    };
    for (const [what, config] of Object.entries(configs)) {
      it(what, async () => {
        open({
          "tsconfig.json": config,
          "a.ts": 'import x from "not-installed"; import y from "./nowhere"; const a: number = 1; x; y;',
        });
        assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), number);
      });
    }

    const texts: Readonly<Record<string, readonly [on: string | Uint8Array, seen: string]>> = {
      "a byte order mark": ["\uFEFFconst a = 1;", "const a = 1;"],
      CRLF: ["const a = 1;\r\nconst b = 2;\r\n", "const a = 1;\r\nconst b = 2;\r\n"],
      "no text": ["", ""],
      UTF16: [Buffer.from("\uFEFFconst a = 1;", "utf16le"), "const a = 1;"],
      NUL: ["const a = 1;\0\0const b = 2;", "const a = 1;\0\0const b = 2;"],
      "characters outside the basic plane": ["const a = '😀'; const b = '𝒳';", "const a = '😀'; const b = '𝒳';"],
    };
    for (const [what, [on, seen]] of Object.entries(texts)) {
      it(`${what} on disk`, async () => {
        open({ "a.ts": on });
        assert.equal(await textAfter(look("a.ts"), "a.ts"), seen);
      });
      if (typeof on !== "string") continue;
      it(`${what} in an editor`, async () => {
        open({});
        await using_(edit("a.ts", on), async (snapshot) => {
          const tree = await snapshot.tree(folder.path("a.ts"));
          assert.equal(tree?.text, seen);
          assert.equal(tree?.end, seen.length);
        });
      });
    }

    it("half surrogate pairs, whose length it keeps", async () => {
      open({});
      assert.equal(
        await textAfter(edit("a.ts", "a = '\uD83D'; b = '😀\uDE00';"), "a.ts"),
        "a = '\uFFFD'; b = '😀\uFFFD';",
      );
    });

    it("binary files", async () => {
      open({ "a.ts": Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256) });
      assert.notEqual(await textAfter(look("a.ts"), "a.ts"), undefined);
    });

    it("folders named like files, files that are not there, and no source", async () => {
      open({ "dir.ts/a.ts": "", "a.txt": "x", "b.ts": "const b = 1;" });
      for (const file of ["dir.ts", "nowhere.ts", "a.txt"]) assert.equal(await textAfter(look(file), file), undefined);
      assert.equal(await textAfter(look("b.ts"), "b.ts"), "const b = 1;");
    });

    it("symbolic links that lead in circles", async () => {
      open({ "tsconfig.json": "{}", "a.ts": "const a = 1;" });
      symlinkSync(folder.root, folder.path("self"));
      symlinkSync(folder.path("x.ts"), folder.path("y.ts"));
      symlinkSync(folder.path("y.ts"), folder.path("x.ts"));
      assert.equal(
        await textAfter({ opened: ["a.ts", "x.ts", "self/self/a.ts"].map(folder.path) }, "a.ts"),
        "const a = 1;",
      );
    });

    it("texts that are nested deeply", async () => {
      open({});
      for (const [name, nested] of Object.entries({
        brackets: "[".repeat(5000),
        ifs: "if (a) {".repeat(2000),
        chain: `a${".b()".repeat(3000)}`,
      })) {
        assert.equal(await textAfter(edit(`${name}.ts`, nested), `${name}.ts`), nested);
      }
    });

    it("5 MB of text, which it leaves out and says so", async () => {
      open({ "a.ts": 'import "./big"; const a = 1;' });
      const big = Array.from(
        { length: 110_000 },
        (_, index) => `export const x${index} = [1, 2].map((x) => x + 1);`,
      ).join("\n");
      await using_(edit("big.ts", big), async (snapshot) => {
        assert.equal(await snapshot.tree(folder.path("big.ts")), undefined);
        assert.match(snapshot.omission(folder.path("big.ts")) ?? "", /5\.\d MB/);
        assert.equal(snapshot.omission(folder.path("a.ts")), undefined);
      });
      assert.deepEqual(await typeAfter(look("a.ts"), "a.ts"), number);
      assert.equal(await textAfter(edit("big.ts", "export {};"), "big.ts"), "export {};");
    });
  });

  describe("gives back what it takes", () => {
    it("one snapshot however many edits, and no growing memory", async () => {
      open({ "tsconfig.json": "{}", "a.ts": "" });
      const native = async () => {
        const status = readFileSync(`/proc/${await host.compilerPid()}/status`, "utf8");
        return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
      };
      const type = (version: number) => edit("a.ts", `const a = ${version};\n${"// text\n".repeat(2000)}`);
      for (let version = 0; version < 100; version += 1) await typeAfter(type(version), "a.ts");
      const before = process.platform === "linux" ? await native() : 0;
      for (let version = 0; version < 250; version += 1) await typeAfter(type(-version), "a.ts");
      assert.equal(host.liveSnapshots, 1);
      // Undisposed, 250 snapshots would take some 500 MB.
      if (process.platform === "linux")
        assert.ok((await native()) - before < 150, `from ${before} to ${await native()} MB`);
    });

    it("nothing twice, and nothing that somebody still holds", async () => {
      open({ "a.ts": "const a = 1;" });
      const first = await host.update(look("a.ts"));
      const same = await host.update();
      await first.dispose();
      await first.dispose();
      assert.equal((await same.tree(folder.path("a.ts")))?.text, "const a = 1;");
      const later = await host.update(edit("a.ts", "const a = 2;"));
      assert.equal(host.liveSnapshots, 2);
      assert.equal((await same.tree(folder.path("a.ts")))?.text, "const a = 1;");
      await same.dispose();
      assert.equal(host.liveSnapshots, 1);
      await assert.rejects(same.tree(folder.path("a.ts")), /disposed/);
      await later.dispose();
    });
  });

  describe("outlives its compiler", () => {
    it("with all that it was told", async () => {
      open({ "tsconfig.json": "{}", "a.ts": 'import { b } from "./b"; const a = b;', "b.ts": "export const b = 1;" });
      assert.deepEqual(await typeAfter({ ...look("a.ts"), ...edit("b.ts", 'export const b = "";') }, "a.ts"), text);
      const held = await host.update();
      const node = firstVariable((await held.tree(folder.path("a.ts"))) ?? assert.fail());
      process.kill(await host.compilerPid(), "SIGKILL");
      await assert.rejects(
        held.resolve(folder.path("a.ts"), [{ node, want: "type" }]),
        (error) => error instanceof CompilerUnavailable && error.retryable,
      );
      assert.deepEqual(await typeAfter({}, "a.ts"), text);
      await held.dispose();
    });

    it("when it is killed between two updates, without anybody noticing", async () => {
      open({ "a.ts": "const a = 1;" });
      for (let round = 0; round < 3; round += 1) {
        const now = `const a = ${round};`;
        assert.equal(await textAfter(edit("a.ts", now), "a.ts"), now);
        process.kill(await host.compilerPid(), "SIGKILL");
      }
      assert.equal(await textAfter({}, "a.ts"), "const a = 2;");
    });

    it("and hides from the next one what the last one hung on, until it changes", async () => {
      open({ "good.ts": "const good = 1;" }, { deadline: 1000 });
      const unions = Array.from(
        { length: 4 },
        (_, i) => `type U${i} = ${Array.from({ length: 60 }, (_, j) => `"${i}.${j}"`).join("|")};`,
      );
      const bad = `type P<A, B> = A extends A ? (B extends B ? [A, B] : never) : never;\n${unions.join("\n")}
let a!: P<P<U0, U1>, P<U2, U3>>; const b: P<P<U0, U1>, P<U2, U3>> = a;`;
      await textAfter(look("good.ts"), "good.ts");
      const ask = () =>
        using_(edit("bad.ts", bad), async (snapshot) => {
          const tree = await snapshot.tree(folder.path("bad.ts"));
          if (!tree) return snapshot.omission(folder.path("bad.ts"));
          const node = firstVariable(tree);
          await snapshot.resolve(folder.path("bad.ts"), [{ node, want: "type" }]);
          return "answered";
        });
      await assert.rejects(ask(), (error) => error instanceof CompilerUnavailable && error.reason === "timeout");
      assert.match((await ask()) ?? "", /hung/);
      assert.equal(await textAfter({}, "good.ts"), "const good = 1;");
      assert.equal(await textAfter(edit("bad.ts", "const fine = 1;"), "bad.ts"), "const fine = 1;");
    });

    it("and blames neither of two files that it was asked about when it died", async () => {
      open({ "a.ts": "const a = 1;", "b.ts": "const b = 2;" });
      const both: Changes = { opened: ["a.ts", "b.ts"].map((name) => folder.path(name)) };
      for (let round = 0; round < 3; round += 1) {
        const snapshot = await host.update(both);
        const trees = ["a.ts", "b.ts"].map((name) => snapshot.tree(folder.path(name)));
        const nodes = (await Promise.all(trees)).map((tree) => firstVariable(tree ?? assert.fail()));
        const asked = nodes.map((node, index) =>
          snapshot.resolve(folder.path(index === 0 ? "a.ts" : "b.ts"), [{ node, want: "type" }]),
        );
        process.kill(await host.compilerPid(), "SIGKILL");
        const outcomes = await Promise.allSettled(asked);
        assert.ok(
          outcomes.some(({ status }) => status === "rejected"),
          "it had not answered yet",
        );
        await snapshot.dispose();
      }
      // Of one file that it dies of twice the text would be left out by now.
      await using_(both, async (snapshot) => {
        for (const name of ["a.ts", "b.ts"]) assert.equal(snapshot.omission(folder.path(name)), undefined, name);
      });
    });

    it("and leaves out the one file that it died of twice", async () => {
      open({ "a.ts": "const a = 1;" });
      for (let round = 0; round < 2; round += 1) {
        const snapshot = await host.update(look("a.ts"));
        const node = firstVariable((await snapshot.tree(folder.path("a.ts"))) ?? assert.fail());
        const asked = snapshot.resolve(folder.path("a.ts"), [{ node, want: "type" }]);
        process.kill(await host.compilerPid(), "SIGKILL");
        await assert.rejects(asked, CompilerUnavailable);
        await snapshot.dispose();
      }
      await using_({}, async (snapshot) => assert.match(snapshot.omission(folder.path("a.ts")) ?? "", /hung or died/));
      assert.equal(await textAfter(edit("a.ts", "const a = 2;"), "a.ts"), "const a = 2;");
    });
  });
});
