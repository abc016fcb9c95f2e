// Helpers for async functions and generators, see helpers.ts.
import { stateMachine } from "./helpersGenerator.js";

type Resume = (value: unknown) => void;
type AnyGenerator = Iterator<unknown, unknown, unknown>;

/** Drives a generator as an async function: each `yield` is an `await`. */
function run(generator: AnyGenerator, Maker: PromiseConstructor = Promise): Promise<unknown> {
  return new Maker((resolve, reject) => {
    const step = (resume: () => IteratorResult<unknown, unknown>): void => {
      let result: IteratorResult<unknown, unknown>;
      try {
        result = resume();
      } catch (error) {
        reject(error);
        return;
      }
      if (result.done === true) resolve(result.value);
      else Maker.resolve(result.value).then(onValue, onError);
    };
    const onValue: Resume = (value) => step(() => generator.next(value));
    const onError: Resume = (error) => step(() => (generator.throw as NonNullable<AnyGenerator["throw"]>)(error));
    step(() => generator.next());
  });
}

/** A value that an async generator awaits, as TypeScript (`v`) and esbuild (`[0]`, `[1]` for `yield*`) write it. */
function Await(this: unknown, value: unknown, delegates?: unknown): unknown {
  const holder = this instanceof Await ? this : Object.create(Await.prototype);
  return Object.assign(holder, { v: value, 0: value, 1: delegates });
}

type Request = {
  readonly kind: "next" | "throw" | "return";
  readonly value: unknown;
  readonly resolve: Resume;
  readonly reject: Resume;
};

/** An async generator made from a plain one, whose requests are answered one after another. */
function asyncGenerator(self: unknown, parameters: unknown, make: (...parameters: never[]) => AnyGenerator): unknown {
  const list = Array.from((parameters ?? []) as ArrayLike<unknown>);
  const generator: AnyGenerator = Reflect.apply(make, self, list);
  const queue: Request[] = [];

  const settle = (done: boolean, value: unknown): void => {
    queue.shift()?.resolve({ value, done });
    serveNext();
  };
  const fail = (error: unknown): void => {
    queue.shift()?.reject(error);
    serveNext();
  };
  const step = (kind: Request["kind"], value: unknown): void => {
    let result: IteratorResult<unknown, unknown>;
    try {
      const method = generator[kind];
      if (method === undefined) throw new TypeError(`the generator has no method ${kind}`);
      result = Reflect.apply(method, generator, [value]);
    } catch (error) {
      fail(error);
      return;
    }
    const given = result.value;
    if (typeof given === "object" && given !== null && given instanceof Await) {
      const back = (next: unknown): void => step(kind === "return" ? "return" : "next", next);
      Promise.resolve(Reflect.get(given, "v")).then(
        (next) => (kind === "return" && result.done !== true ? back(next) : step("next", next)),
        (error) => step("throw", error),
      );
    } else {
      Promise.resolve(given).then((next) => settle(result.done === true, next), fail);
    }
  };
  const serveNext = (): void => {
    const request = queue[0];
    if (request !== undefined) step(request.kind, request.value);
  };
  const ask = (kind: Request["kind"]) => (value: unknown) =>
    new Promise((resolve, reject) => {
      queue.push({ kind, value, resolve, reject });
      if (queue.length === 1) serveNext();
    });
  const iterator = { next: ask("next"), throw: ask("throw"), return: ask("return") };
  return Object.assign(iterator, {
    [Symbol.asyncIterator]() {
      return iterator;
    },
  });
}

function asyncIteratorOf(source: object): AsyncIterableIterator<unknown> {
  const make: unknown = Reflect.get(source, Symbol.asyncIterator);
  if (typeof make === "function") return Reflect.apply(make, source, []);
  const makeSync: unknown = Reflect.get(source, Symbol.iterator);
  if (typeof makeSync !== "function") throw new TypeError("Object is not iterable");
  const iterator: Iterator<unknown, unknown, unknown> = Reflect.apply(makeSync, source, []);
  const settle = async (result: IteratorResult<unknown, unknown>) => ({
    done: result.done === true,
    value: await result.value,
  });
  return {
    next: async (value?: unknown) => await settle(iterator.next(value)),
    return: async (value?: unknown) => await settle(iterator.return?.(await value) ?? { done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** `yield*` in an async generator: each step is awaited, then yielded. */
function* delegate(source: object): Generator<unknown, unknown, unknown> {
  const iterator = asyncIteratorOf(source);
  for (;;) {
    const result = (yield Reflect.construct(Await, [iterator.next()])) as IteratorResult<unknown, unknown>;
    if (result.done === true) return result.value;
    yield result.value;
  }
}

/** By the names compilers give them. */
export const asyncHelpers = {
  __async: (self: unknown, parameters: unknown, make: (...parameters: never[]) => AnyGenerator) =>
    run(Reflect.apply(make, self, Array.from((parameters ?? []) as ArrayLike<unknown>))),
  __awaiter: (
    self: unknown,
    parameters: unknown,
    Maker: PromiseConstructor | undefined,
    make: (...parameters: never[]) => AnyGenerator,
  ) => run(Reflect.apply(make, self, Array.from((parameters ?? []) as ArrayLike<unknown>)), Maker ?? Promise),
  __generator: stateMachine,
  __await: Await,
  __asyncGenerator: asyncGenerator,
  __asyncDelegator: delegate,
  // esbuild uses it in plain generators too, which cannot await.
  __yieldStar: (source: object) =>
    Symbol.asyncIterator in source ? delegate(source) : Reflect.apply(Reflect.get(source, Symbol.iterator), source, []),
  __asyncValues: asyncIteratorOf,
  __forAwait: (source: object, symbol?: unknown, make?: unknown) => {
    void symbol;
    void make;
    return asyncIteratorOf(source);
  },
};
