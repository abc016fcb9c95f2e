import assert from "node:assert/strict";
import { type Ended, Workspace } from "./process.js";

/** What compilers turn into helper functions, by what it prints. */
const program = `import { Arc, Mutex, move, mpsc, thread } from "fearless-threads";

type Handle = ReturnType<typeof thread.spawn<unknown>>;
const print = async (what: string, handle: { join(): ReturnType<Handle["join"]> }): Promise<void> => {
  const result = await handle.join();
  console.log(what, result.ok ? JSON.stringify(result.value) : result.error.stack);
};

await print("async", thread.spawn(async () => {
  const wait = async (n: number): Promise<number> => n;
  return (await wait(1)) + (await wait(2));
}));

await print("names", thread.spawn(() => {
  const named = () => 1;
  class Named {}
  return [named.name, Named.name];
}));

await print("spread", thread.spawn(move({ a: 1, b: 2, c: 3 }), (o) => {
  const { a, ...rest } = o;
  const list = [...Object.values(rest), ...[4, 5]];
  return [{ ...rest, d: a }, list, Math.max(...list), 2 ** 3, o?.a ?? 0];
}));

await print("classes", thread.spawn(() => {
  class Base {
    kind = "base";
    #secret = 1;
    static #count = 0;
    get #double() {
      return this.#secret * 2;
    }
    #bump(by: number) {
      this.#secret += by;
      Base.#count++;
      return this.#double;
    }
    bump() {
      this.#secret++;
      return [this.#bump(3), Base.#count, #secret in this];
    }
  }
  class Derived extends Base {
    kind2 = super.bump().length;
  }
  return [new Derived().bump(), new Derived().kind, new Derived().kind2];
}));

await print("generators", thread.spawn(async () => {
  function* numbers() {
    const got: number = yield 1;
    yield* [got, 3];
    return 4;
  }
  async function* later() {
    try {
      yield await Promise.resolve("a");
      yield* ["b", "c"];
    } finally {
      log.push("closed");
    }
  }
  const log: unknown[] = [];
  const plain = numbers();
  log.push(plain.next().value, plain.next(2).value, plain.next().value, plain.next());
  for await (const text of later()) log.push(text);
  for await (const n of [Promise.resolve(7), 8]) log.push(n);
  for await (const text of later()) if (text === "a") break;
  return log;
}));

await print("templates", thread.spawn(() => {
  const tag = (strings: TemplateStringsArray, ...values: unknown[]) => [strings.raw.join("|"), ...values];
  return tag\`a\${1}b\\n\${2}c\`;
}));

await print("using", thread.spawn(async () => {
  const log: string[] = [];
  const open = (name: string) => ({ [Symbol.dispose]: () => void log.push(name) });
  const openLater = (name: string) => ({ [Symbol.asyncDispose]: async () => void log.push(name) });
  {
    using _a = open("a");
    using _none = null;
    await using _b = openLater("b");
    await using _c = open("c");
  }
  try {
    using _d = open("d");
    throw new Error("caught");
  } catch (error) {
    log.push((error as Error).message);
  }
  for (using _e of [open("e"), open("f")]) log.push("turn");
  return log;
}));

const counter = Arc.new(new Mutex(0));
const [tx, rx] = mpsc.channel<number>();
await print("sharing", thread.spawn(move(counter.clone(), tx), async (counter, tx) => {
  for (let i = 0; i < 3; i++) {
    using n = (await counter.lock()).unwrap();
    n.value += 1;
  }
  tx.send(7).unwrap();
  return counter.lockSync().unwrap().value;
}));
for await (const n of rx) console.log("got", n);

await print("poison", thread.spawn(move(counter.clone()), (counter) => {
  using n = counter.lockSync().unwrap();
  n.value = 100;
  throw new Error("half done");
}));
console.log("poisoned", counter.isPoisoned());

await print("shapes", thread.spawn(async () => {
  const { Mutex, Arc } = await import("fearless-threads");
  const poisoned: boolean[] = [];
  const shapes: ((lock: InstanceType<typeof Mutex<number>>) => unknown)[] = [
    (lock) => { using a = lock.lockSync().unwrap(); a.value = 1; throw new Error("}"); },
    (lock) => {
      using a = lock.lockSync().unwrap()
      const text = \`\${"{"} } \${JSON.parse("nonsense{")}\`
      return [text, a]
    },
    (lock) => { { using _a = lock.lockSync().unwrap(); } throw new Error("after"); },
    (lock) => { try { using a = lock.lockSync().unwrap(); if (a) throw /}/; } finally { /* } */ } },
    (lock) => { for (let i = 0; i < 2; i++) { using a = lock.lockSync().unwrap(); a.value++; if (i === 0) continue; break; } },
    async (lock) => {
      using a = (await lock
        .lock())
        .unwrap();
      await Promise.reject(new Error(String(a.value)));
    },
    (lock) => {
      const other = new Mutex(2);
      using a = lock.lockSync().unwrap();
      using b = other.lockSync().unwrap();
      if (a.value / 2 > 1 / b.value) return;
      throw new Error("both");
    },
  ];
  for (const shape of shapes) {
    const lock = Arc.new(new Mutex(0));
    try {
      await shape(lock);
    } catch {}
    poisoned.push(lock.isPoisoned());
  }
  return poisoned;
}));

await print("panic", thread.spawn(async () => {
  const typed: string = await Promise.resolve("thrown");
  throw new Error(typed); // here
}));
`;

const panicLine = program.split("\n").findIndex((line) => line.endsWith("// here")) + 1;
const poisonLine = program.split("\n").findIndex((line) => line.includes('"half done"')) + 1;

function check(ended: Ended): void {
  assert.equal(ended.code, 0, ended.stderr);
  const lines = ended.stdout.split("\n");
  const got = Object.fromEntries(lines.map((line) => [line.split(" ")[0], line.slice(line.indexOf(" ") + 1)]));
  assert.equal(got.async, "3");
  assert.equal(got.names, '["named","Named"]');
  assert.equal(got.spread, '[{"b":2,"c":3,"d":1},[2,3,4,5],5,8,1]');
  assert.equal(got.classes, '[[18,2,true],"base",3]');
  assert.equal(got.generators, '[1,2,3,{"value":4,"done":true},"a","b","c","closed",7,8,"closed"]');
  assert.equal(got.templates, '["a|b\\\\n|c",1,2]');
  assert.equal(got.using, '["c","b","a","d","caught","turn","e","turn","f"]');
  assert.equal(got.shapes, "[true,true,false,true,false,true,true]");
  assert.equal(got.sharing, "3");
  assert.equal(got.got, "7");
  assert.equal(got.poisoned, "true");
  assert.match(got.panic ?? "", /^Error: thrown/);
  assert.match(ended.stderr, new RegExp(`panicked at main\\.ts:${poisonLine}:\\d+: half done`));
  assert.match(ended.stderr, new RegExp(`panicked at main\\.ts:${panicLine}:\\d+: thrown`));
  assert.match(ended.stdout, new RegExp(`main\\.ts:${panicLine}:\\d+`));
}

/** Compilers leave `using` alone for esnext, which only runs where Node knows it. */
const newest = nodeHasUsing() ? ["esnext"] : [];

function nodeHasUsing(): boolean {
  try {
    new Function("{ using x = null; }");
    return true;
  } catch {
    return false;
  }
}

describe("a closure that a compiler has changed", function () {
  this.timeout(60_000);
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace();
    workspace.write("main.ts", program);
  });
  afterEach(() => workspace.remove());

  it("runs under tsx", async () => {
    check(await workspace.tsx("main.ts"));
  });

  for (const target of ["es2017", "es2018", "es2022", "node20", ...newest]) {
    it(`runs when esbuild compiles it to ${target}`, async () => {
      await workspace.esbuild("main.ts", { target, supported: { "top-level-await": true } });
      check(await workspace.node("out/main.js"));
    });
  }

  it("runs when esbuild bundles it, with its names kept and the source map inline", async () => {
    await workspace.esbuild("main.ts", {
      target: "es2020",
      supported: { "top-level-await": true },
      bundle: true,
      keepNames: true,
      external: ["fearless-threads"],
      sourcemap: "inline",
    });
    check(await workspace.node("out/main.js"));
  });

  it("runs when Node maps the positions itself", async () => {
    await workspace.esbuild("main.ts", { target: "node20" });
    check(await workspace.node("out/main.js", ["--enable-source-maps"]));
  });

  for (const target of ["es2017", "es2018", "es2021", "es2022", ...newest]) {
    it(`runs when TypeScript compiles it to ${target}`, async () => {
      const compiled = await workspace.tsc("main.ts", { target });
      assert.equal(compiled.stdout, "");
      check(await workspace.node("out/main.js"));
    });
  }
});
