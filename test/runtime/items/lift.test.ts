import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import * as fc from "fast-check";
import { staticItems } from "fearless-threads/rollup";

const { transform } = staticItems();
const mark = Symbol.for("fearless-threads items");

/** A closure as it is marked. */
interface Marked {
  readonly items: (index: number, ...values: number[]) => Promise<number>;
  readonly index: number;
}

/** Declarations that use earlier ones, later ones too where that is fine, and closures that use some of them. */
const programs = fc
  .record({
    kinds: fc.array(
      fc.constantFrom("function", "arrow", "constant", "object", "pattern", "class", "enum", "changing"),
      {
        minLength: 1,
        maxLength: 12,
      },
    ),
    seeds: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    closures: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ kinds, seeds, closures }) => {
    let at = 0;
    const next = (below: number): number => (seeds[at++ % seeds.length] ?? 0) % below;
    const value = (i: number): string => {
      switch (kinds[i]) {
        case "function":
        case "arrow":
          return `f${i}(1)`;
        case "object":
          return `o${i}.a.b`;
        case "pattern":
          return `p${i}`;
        case "class":
          return `new C${i}().m()`;
        case "enum":
          return `E${i}.A`;
        default:
          return `k${i}`;
      }
    };
    const some = (below: number): string =>
      below === 0 ? String(next(9)) : `(${value(next(below))} + ${value(next(below))} * ${next(5)})`;
    const declared = kinds.map((kind, i) => {
      switch (kind) {
        case "function":
          return `export function f${i}(x) { const inner = x; return inner + ${some(i)}; }`;
        case "arrow":
          return `const f${i} = (x) => { { let k${i} = x; return k${i} + ${some(i)}; } };`;
        case "constant":
          return next(2) === 0 || i === 0
            ? `const k${i} = ${next(9)} + Math.max(1, 2);`
            : `const k${i} = f(() => ${some(i)});`;
        case "object":
          return `const o${i} = { a: { b: ${next(9)} }, m() { return ${some(i)}; } };`;
        case "pattern":
          return `const { q: [, p${i} = ${next(9)}] } = { q: [1] };`;
        case "class":
          return `class C${i} { static s = ${next(9)}; m() { return C${i}.s + ${some(i)}; } }`;
        case "enum":
          return `var E${i};\n(function (E${i}) { E${i}[E${i}["A"] = ${next(9)}] = "A"; })(E${i} || (E${i} = {}));`;
        default:
          return `let k${i} = 1; k${i} += ${next(9)};`;
      }
    });
    const spawned = Array.from({ length: closures }, () => `spawn((x) => x + ${some(kinds.length)})`);
    return `const f = (g) => g();\n${declared.join("\n")}\nexport const closures = [${spawned.join(", ")}];\n`;
  });

/** What the closures of a program give, as they are written and as a thread would run them: from their text alone. */
async function outcomes(code: string): Promise<readonly (readonly [here: number, there: number | "missing"])[]> {
  const lifted = transform(code, "/program.js")?.code ?? code;
  const run = new Function(`const spawn = (f) => f;\n${lifted.replaceAll("export ", "")}\nreturn closures;`);
  const closures: readonly ((x: number) => number)[] = run();
  return Promise.all(
    closures.map(async (closure) => {
      const marked: Marked | undefined = Reflect.get(closure, mark);
      const text = marked === undefined ? `(index, x) => (${closure})(x)` : String(marked.items);
      const alone: Marked["items"] = new Function(`"use strict"; return (${text});`)();
      const there = await (async () => alone(marked?.index ?? 0, 5))().catch((error: unknown) => {
        if (error instanceof ReferenceError) return "missing" as const;
        throw error;
      });
      return [closure(5), there] as const;
    }),
  );
}

describe("lifting items", () => {
  it("gives a closure the same result there as here, unless it uses what changes or what a call has made", async () => {
    let same = 0;
    await fc.assert(
      fc.asyncProperty(programs, async (code) => {
        for (const [here, there] of await outcomes(code)) {
          if (there === "missing") assert.match(code, /let k\d|= f\(/);
          else assert.equal(there, here, code);
          if (there === here) same++;
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(same > 200, `only ${same} closures had all they need`);
  });

  const kept = {
    "files that start no thread": "export const a = 1;\n",
    "closures that need nothing": 'import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n',
    "what is no JavaScript": "thread.spawn(() => helper( );\nconst helper = 1 +;\n",
    "other functions called spawn":
      'import { spawn } from "node:child_process";\nspawn("ls", ["-l"], { env: process.env });\n',
  };
  for (const [what, code] of Object.entries(kept)) {
    it(`leaves ${what} as they are`, () => assert.equal(transform(code, "/a.js"), undefined));
  }

  it("imports by string names, with attributes, whole and in parts", () => {
    const { code = "" } =
      transform(
        'import a, { "b c" as b, d } from "./a.js";\nimport * as all from "./all.js";\nimport e, * as rest from "./e.js";\n' +
          'import data from "./data.json" with { type: "json" };\nimport { unused } from "./unused.js";\n' +
          "spawn(() => [a, b, d, all, e, rest, data]);\n",
        "/a.js",
      ) ?? {};
    for (const line of [
      '({ default: a, "b c": b, d } = await import("./a.js"));',
      'all = await import("./all.js");',
      '({ default: e } = rest = await import("./e.js"));',
      '({ default: data } = await import("./data.json", { with: { type: "json" } }));',
    ]) {
      assert.ok(code.includes(line), `${line}\nis not in\n${code}`);
    }
    assert.doesNotMatch(code, /await import\("\.\/unused/);
  });

  it("takes names that the file does not have", () => {
    const code =
      "const __threadItems = 1, __threadIndex = 2, __threadValues = 3;\nspawn(() => [__threadItems, __threadIndex, __threadValues]);\n";
    const lifted = transform(code, "/a.js")?.code ?? "";
    assert.match(lifted, /async function __threadItems\$\(__threadIndex\$, \.\.\.__threadValues\$\)/);
  });

  it("leaves every script of other people that it touches a script", () => {
    const root = fileURLToPath(new URL("../../../node_modules/", import.meta.url));
    const packages = [
      "piscina",
      "tinypool",
      "workerpool",
      "multithreading",
      "poolifier",
      "mocha",
      "esbuild",
      "tsx",
      "vscode-languageclient",
    ];
    let looked = 0;
    for (const name of packages) {
      for (const file of readdirSync(join(root, name), { recursive: true, encoding: "utf8" })) {
        if (!/\.[cm]?js$/.test(file) || file.includes("node_modules")) continue;
        const text = readFileSync(join(root, name, file), "utf8");
        if (!/\bspawn\b|\bThreadPool\b/.test(text)) continue;
        looked++;
        const found = transform(`${text}\n// fearless-threads`, `/${name}/${file}`);
        if (found !== undefined) {
          parse(found.code, {
            ecmaVersion: "latest",
            sourceType: /\b(?:import|export)\b/.test(text) ? "module" : "script",
            allowHashBang: true,
            allowReturnOutsideFunction: true,
          });
        }
      }
    }
    assert.ok(looked > 5, `only ${looked} were looked at`);
  });
});
