import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import * as swc from "@swc/core";
import * as esbuild from "esbuild";
import { Workspace } from "../process.js";

const standard = `
  import { thread } from "fearless-threads";
  export async function run() {
    const result = await thread.spawn(() => {
      const seen: string[] = [];
      let gets;
      const noted = (value, context) => {
        seen.push(context.kind + " " + String(context.name));
        if (context.kind === "method" && context.name === "m") gets = context.access.get;
        return value;
      };
      const doubled = () => (value) => value * 2;
      const counted = (value) => ({
        get() { return value.get.call(this) + 1; },
        set(to) { value.set.call(this, to); },
        init: (first) => first * 10,
      });
      const initialized = (value, context) => {
        context.addInitializer(() => seen.push("initialized"));
        return value;
      };
      @initialized
      class A {
        @doubled x = 21;
        @counted accessor y = 4;
        @noted m() { return 1; }
        @noted static s() { return 2; }
        @noted get g() { return 3; }
        @noted #p() { return 5; }
        q() { return this.#p(); }
      }
      class B extends A {
        @noted m() { return super.m() + 6; }
      }
      const a = new A();
      a.y += 1;
      return [a.x, a.y, a.m(), A.s(), a.g, a.q(), new B().m(), typeof gets(a), seen.join()];
    }).join();
    return result.ok ? result.value : result.error.message;
  }`;

/** With types, of which TypeScript makes metadata. */
const legacy = `
  import { thread } from "fearless-threads";
  export async function run() {
    const result = await thread.spawn(() => {
      const seen: string[] = [];
      const noted = (target, key, descriptor) => void seen.push(key + " " + typeof descriptor?.value);
      const parameter = (target, key, index) => void seen.push(key + "[" + index + "]");
      const replaced = (made) => class extends made { extra = 7; };
      @replaced
      class A {
        @noted x: number = 1;
        n: number;
        constructor(@parameter n: number = 2) { this.n = n; }
        @noted m(@parameter a: number): number { return a + this.n; }
      }
      const a = new A();
      return [a.m(3), a.extra, seen.join()];
    }).join();
    return result.ok ? result.value : result.error.message;
  }`;

const sources = { standard, legacy };
type Kind = keyof typeof sources;
const expected: Readonly<Record<Kind, unknown>> = {
  standard: [42, 43, 1, 2, 3, 5, 7, "function", "method s,method m,getter g,method #p,initialized,method m"],
  legacy: [5, 7, "x undefined,m[0],m function,undefined[0]"],
};
function fromEsbuild(kind: Kind): Map<string, string> {
  const made = new Map<string, string>();
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: kind === "legacy" } };
  for (const target of ["es2017", "es2022", "node20"]) {
    for (const minify of [false, true]) {
      const { code } = esbuild.transformSync(sources[kind], {
        loader: "ts",
        target,
        minify,
        tsconfigRaw,
        sourcemap: "inline",
      });
      made.set(`esbuild, ${target}${minify ? ", minified" : ""}`, code);
    }
  }
  return made;
}

function fromTypeScript(kind: Kind): Map<string, string> {
  const made = new Map<string, string>();
  for (const name of ["typescript-5.9", "typescript-6.0"] as const) {
    const ts: typeof import("typescript-5.9") = createRequire(import.meta.url)(name);
    for (const [target, number] of [
      ["ES2017", ts.ScriptTarget.ES2017],
      ["ES2022", ts.ScriptTarget.ES2022],
    ] as const) {
      for (const importHelpers of [false, true]) {
        const legacy = kind === "legacy";
        const { outputText } = ts.transpileModule(sources[kind], {
          compilerOptions: {
            module: ts.ModuleKind.ESNext,
            target: number,
            importHelpers,
            experimentalDecorators: legacy,
            emitDecoratorMetadata: legacy,
            inlineSourceMap: true,
          },
        });
        made.set(`${name}, ${target}${importHelpers ? ", importHelpers" : ""}`, outputText);
      }
    }
  }
  return made;
}

function fromSwc(kind: Kind): Map<string, string> {
  const made = new Map<string, string>();
  for (const target of ["es2017", "es2022"] as const) {
    const legacy = kind === "legacy";
    const { code } = swc.transformSync(sources[kind], {
      filename: `${kind}.ts`,
      swcrc: false,
      sourceMaps: "inline",
      jsc: {
        target,
        parser: { syntax: "typescript", decorators: true },
        transform: legacy ? { legacyDecorator: true, decoratorMetadata: true } : { decoratorVersion: "2022-03" },
      },
    });
    made.set(`swc, ${target}`, code);
  }
  return made;
}

/** Prints what each program gives. */
const runner = `
  for (const file of process.argv.slice(2)) console.log(JSON.stringify(await (await import(file)).run()));`;

describe("decorators in a closure", function () {
  this.timeout(60_000);
  const workspace = new Workspace();
  after(() => workspace.remove());

  async function outcomes(programs: ReadonlyMap<string, string>): Promise<Record<string, unknown>> {
    const files = [...programs.values()].map((code, i) => workspace.write(`program${i}.mjs`, code));
    workspace.write("runner.mjs", runner);
    const ended = await workspace.node(
      "runner.mjs",
      [],
      files.map((file) => pathToFileURL(file).href),
    );
    assert.equal(ended.code, 0, ended.stderr);
    const lines = ended.stdout.trim().split("\n");
    return Object.fromEntries([...programs.keys()].map((name, i) => [name, JSON.parse(lines[i] ?? "null")]));
  }

  for (const kind of ["standard", "legacy"] as const) {
    const compilers = { esbuild: fromEsbuild, TypeScript: fromTypeScript, swc: fromSwc };
    for (const [compiler, compile] of Object.entries(compilers)) {
      if (kind === "standard" && compiler === "swc") continue;
      it(`work as ${kind} ones, however ${compiler} is set up`, async () => {
        for (const [name, got] of Object.entries(await outcomes(compile(kind)))) {
          assert.deepEqual(got, expected[kind], name);
        }
      });
    }
  }

  it("are a panic that says what to do, as swc makes them of standard ones", async () => {
    for (const said of Object.values(await outcomes(fromSwc("standard")))) {
      assert.match(String(said), /what swc makes of decorators.*write the class in a module that the closure imports/);
    }
  });
});
