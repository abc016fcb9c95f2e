// What compilers turn into helper functions, in closures; compiled by compiled.test.ts, with every compiler.
import { Arc, Mutex, move, mpsc, type Result, type ThreadPanic, thread } from "fearless-threads";

type Joins = { join(): Promise<Result<unknown, ThreadPanic>> };

/** Runs every closure in a thread, and gives what came of each. */
export async function run(): Promise<Record<string, unknown>> {
  const got: Record<string, unknown> = {};
  thread.setPanicHook(() => {});
  const note = async (what: string, handle: Joins): Promise<void> => {
    const result = await handle.join();
    const { message, position, stack } = result.ok ? ({} as Partial<ThreadPanic>) : result.error;
    got[what] = result.ok ? result.value : { message, line: position?.line, file: position?.file, stack };
  };
  await note(
    "async",
    thread.spawn(async () => {
      const wait = async (n: number): Promise<number> => n;
      return (await wait(1)) + (await wait(2));
    }),
  );

  await note(
    "names",
    thread.spawn(() => {
      const named = () => 1;
      class Named {}
      return [named.name, Named.name];
    }),
  );

  await note(
    "spread",
    thread.spawn(move({ a: 1, b: 2, c: 3 }), (o) => {
      const { a, ...rest } = o;
      const list = [...Object.values(rest), ...[4, 5]];
      return [{ ...rest, d: a }, list, Math.max(...list), 2 ** 3, o?.a ?? 0];
    }),
  );

  await note(
    "classes",
    thread.spawn(() => {
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
    }),
  );

  await note(
    "generators",
    thread.spawn(async () => {
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
    }),
  );

  await note(
    "templates",
    thread.spawn(() => {
      const tag = (strings: TemplateStringsArray, ...values: unknown[]) => [strings.raw.join("|"), ...values];
      return tag`a${1}b\n${2}c`;
    }),
  );

  await note(
    "using",
    thread.spawn(async () => {
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
    }),
  );

  const counter = Arc.new(new Mutex(0));
  const [tx, rx] = mpsc.channel<number>();
  await note(
    "sharing",
    thread.spawn(move(counter.clone(), tx), async (counter, tx) => {
      for (let i = 0; i < 3; i++) {
        using n = (await counter.lock()).unwrap();
        n.value += 1;
      }
      tx.send(7).unwrap();
      return counter.lockSync().unwrap().value;
    }),
  );
  for await (const n of rx) got.got = n;

  await note(
    "poison",
    thread.spawn(move(counter.clone()), (counter) => {
      using n = counter.lockSync().unwrap();
      n.value = 100;
      throw new Error("half done");
    }),
  );
  got.poisoned = counter.isPoisoned();

  await note(
    "shapes",
    thread.spawn(async () => {
      const { Mutex, Arc } = await import("fearless-threads");
      const poisoned: boolean[] = [];
      const shapes: ((lock: InstanceType<typeof Mutex<number>>) => unknown)[] = [
        (lock) => {
          using a = lock.lockSync().unwrap();
          a.value = 1;
          throw new Error("}");
        },
        (lock) => {
          using a = lock.lockSync().unwrap();
          const text = `${"{"} } ${JSON.parse("nonsense{")}`;
          return [text, a];
        },
        (lock) => {
          {
            using _a = lock.lockSync().unwrap();
          }
          throw new Error("after");
        },
        (lock) => {
          try {
            using a = lock.lockSync().unwrap();
            if (a) throw /}/;
          } finally {
            /* } */
          }
        },
        (lock) => {
          for (let i = 0; i < 2; i++) {
            using a = lock.lockSync().unwrap();
            a.value++;
            if (i === 0) continue;
            break;
          }
        },
        async (lock) => {
          using a = (await lock.lock()).unwrap();
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
    }),
  );

  await note(
    "panic",
    thread.spawn(async () => {
      const typed: string = await Promise.resolve("thrown");
      throw new Error(typed); // here
    }),
  );
  await note(
    "accessors",
    thread.spawn(() => {
      class Temperature {
        static #made = 0;
        static {
          Temperature.#made = 10;
        }
        #celsius = 20;
        get #kelvin() {
          return this.#celsius + 273;
        }
        set #kelvin(k: number) {
          this.#celsius = k - 273;
        }
        static #count() {
          return ++Temperature.#made;
        }
        unit = "C";
        heat(by: number) {
          this.#kelvin += by;
          [this.#celsius] = [this.#celsius * 2];
          this.#celsius ??= 0;
          return [this.#celsius, this.#kelvin, Temperature.#count(), this.unit, Temperature.#made--];
        }
        static is(value: object) {
          return #celsius in value;
        }
      }
      return [new Temperature().heat(5), Temperature.is(new Temperature()), Temperature.is({})];
    }),
  );

  await note(
    "objects",
    thread.spawn(move([1, 2, 3]), (list) => {
      const key = "computed";
      const o = {
        [key]: 1,
        get twice() {
          return this[key] * 2;
        },
        async *later() {
          yield 1;
        },
        __proto__: { inherited: 3 },
      };
      const { twice, ...others } = { ...o, list };
      const [first = 0, ...more] = list;
      let n: number | null = null;
      n ??= 4;
      n &&= n + 1;
      const f = function named(a: number, b = a + 1, ...c: number[]) {
        return [a, b, ...c];
      };
      return [
        o.twice,
        twice,
        Object.keys(others).length,
        first,
        more,
        n,
        f(1),
        f.length,
        (o as { inherited?: number }).inherited,
      ];
    }),
  );

  await note(
    "async methods",
    thread.spawn(async () => {
      class Base {
        async hello(name: string) {
          return `hello ${name}`;
        }
      }
      class Derived extends Base {
        override async hello(name: string) {
          const inner = async () => await super.hello(name);
          return `${await inner()}!`;
        }
        async *count(to: number) {
          for (let i = 0; i < to; i++) yield await Promise.resolve(i);
        }
      }
      const d = new Derived();
      const counted: number[] = [];
      for await (const i of d.count(3)) counted.push(i);
      try {
        await (async () => {
          throw new TypeError("later");
        })();
      } catch (error) {
        return [await d.hello("you"), counted, (error as Error).name];
      }
      return [];
    }),
  );

  await note(
    "using more",
    thread.spawn(async () => {
      const log: unknown[] = [];
      const open = (name: string, fails = false) => ({
        [Symbol.dispose]: () => {
          log.push(name);
          if (fails) throw new Error(`closing ${name}`);
        },
      });
      try {
        using _a = open("a", true),
          _b = open("b", true);
        throw new Error("body");
      } catch (error) {
        const {
          name,
          error: last,
          suppressed,
        } = error as Error & { error: Error; suppressed: Error & { error: Error; suppressed: Error } };
        log.push(name, last.message, suppressed.error.message, suppressed.suppressed.message);
      }
      const each = async function* () {
        yield { [Symbol.asyncDispose]: async () => void log.push("async") };
      };
      for await (await using item of each()) log.push(typeof item);
      const early = () => {
        for (const name of ["c", "d"]) {
          using _c = open(name);
          if (name === "c") return "returned";
        }
        return "";
      };
      log.push(early());
      switch (log.length) {
        default: {
          using _e = open("e");
          break;
        }
      }
      try {
        using _f = 7 as unknown as Disposable;
      } catch (error) {
        log.push((error as Error).name);
      }
      return log;
    }),
  );

  await note(
    "panicking",
    thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      const seen: boolean[] = [];
      const open = () => ({ [Symbol.dispose]: () => void seen.push(thread.panicking()) });
      {
        using _a = open();
      }
      try {
        using _b = open();
        throw new Error("x");
      } catch {}
      return seen.slice(0, 1);
    }),
  );
  return got;
}
