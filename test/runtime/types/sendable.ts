// Compiled by types.test.ts, never run: what may be moved to a thread. Where a line ends in a `no` comment, the compiler
// refuses it, with just that reason.
import { Arc, Mutex, move, mpsc, type Sendable, ThreadPool, thread } from "fearless-threads";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_yes: Same<A, B>): void {}

class Account {
  balance = 0;
  pay(): void {}
}
class Plain {
  x = 0;
  y?: string;
}
class Registered {
  declare readonly [thread.send]: true;
  x = 0;
  length(): number {
    return this.x;
  }
}

// Functions, classes, symbols, promises and weak collections stay where they are, also somewhere inside.
declare const f: () => number;
declare const maybe: (() => void) | string;
// biome-ignore lint/suspicious/noExplicitAny: programs have them.
declare const any: any;
declare const unknown: unknown;
// biome-ignore lint/complexity/noBannedTypes: programs have them.
declare const anyFunction: Function;
move(f); // no: a function stays in the thread that made it; send the data it needs
move(1, "a", f); // no: a function stays in the thread that made it; send the data it needs
move(maybe); // no: a function stays in the thread that made it; send the data it needs
move(anyFunction); // no: a function stays in the thread that made it; send the data it needs
move(async function* () {}); // no: a function stays in the thread that made it; send the data it needs
move(Map); // no: a class stays in the thread that made it; import it inside the thread
move(Account); // no: a class stays in the thread that made it; import it inside the thread
move(Symbol("s")); // no: a symbol is only itself in the thread that made it; send a string
move(Promise.resolve(1)); // no: a promise stays in the thread that made it; await it first
move(new WeakMap()); // no: a weak collection stays in the thread that made it
move(new WeakRef({})); // no: a weak collection stays in the thread that made it
move({ options: { onDone: f } }); // no: options.onDone: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
move([f]); // no: [number]: a function stays in the thread that made it; send the data it needs
move({ list: [{ later: Promise.resolve(1) }] }); // no: list[number].later: a promise stays in the thread that made it; await it first
move(new Map([["k", f]])); // no: [<value>]: a function stays in the thread that made it; send the data it needs
move(new Map([[f, 1]])); // no: [<key>]: a function stays in the thread that made it; send the data it needs
move(new Set([[f]])); // no: [<item>][number]: a function stays in the thread that made it; send the data it needs

// An instance of a class loses its methods, unless its class is registered.
move(new Account()); // no: pay: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
move({ deep: { account: new Account() } }); // no: deep.account.pay: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
class Service {
  items: string[] = [];
  add(): void {}
  remove(): void {}
}
move([new Service()]); // no: [number]: its methods stay in the thread that made it; send its data, or register the class with static [thread.send]
move({ page: new URL("https://example.org") }); // no: page: a URL stays in the thread that made it; send its href
move(new Set([1]).values()); // no: an iterator stays in the thread that made it; send an array of what it gives
move((function* () {})()); // no: an iterator stays in the thread that made it; send an array of what it gives
move((async function* () {})()); // no: an iterator stays in the thread that made it; send an array of what it gives
move(new Plain(), new Registered(), [new Registered()]);

// So does what belongs to its thread: guards, handles of threads, what is disposed of.
declare const guard: import("fearless-threads").MutexGuard<number>;
move(guard); // no: what is disposed of stays in the thread that made it; make it inside the thread
move(thread.spawn(() => 1)); // no: what is disposed of stays in the thread that made it; make it inside the thread
move(new ThreadPool()); // no: what is disposed of stays in the thread that made it; make it inside the thread

// Optional fields, tuples of any length, index signatures, unions.
declare const optional: { a?: () => void; b?: number };
move(optional); // no: a: a function stays in the thread that made it; send the data it needs
declare const long: readonly [1, 2, 3, 4, 5, 6, 7, 8, 9, () => void];
move(long); // no: [9]: a function stays in the thread that made it; send the data it needs
declare const named: { [name: string]: () => void };
move(named); // no: [string]: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
declare const either: { kind: "a"; n: number } | { kind: "b"; done: Promise<void> };
move(either); // no: done: a promise stays in the thread that made it; await it first

// What can be sent keeps its type.
interface Tree {
  readonly value: number;
  readonly children: readonly Tree[];
  parent?: Tree;
}
interface Growing<T> {
  readonly value: T;
  readonly next: Growing<T[]> | null;
}
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
enum Color {
  Red,
  Green,
}
enum Word {
  A = "a",
}
declare const brand: unique symbol;
declare const data: {
  tree: Tree;
  growing: Growing<string>;
  json: Json;
  color: Color;
  word: Word;
  id: string & { readonly __brand: "id" };
  money: number & { readonly [brand]: true };
  unknown: unknown;
  any: typeof any;
  object: object;
  never: never;
  optional?: { x?: number };
  tuple: readonly [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...string[]];
  record: Record<Word, Partial<Plain>>;
  sets: Map<object, Set<Date>>;
  bytes: readonly Float32Array[];
  error: TypeError;
};
const moved = move(data, 1, "a", [1, 2], { a: 1 }, true, null, undefined, 1n, any, unknown);
same<
  typeof moved.values,
  [typeof data, number, string, number[], { a: number }, boolean, null, undefined, bigint, typeof any, unknown]
>(true);
same<Sendable<Tree>, Tree>(true);
same<Sendable<typeof any>, typeof any>(true);
same<Sendable<unknown>, unknown>(true);
same<Sendable<never>, never>(true);
same<Sendable<string | undefined>, string | undefined>(true);
move(new AbortController().signal);

// Handles of the library may be moved, also inside of data.
const [tx, rx] = mpsc.channel<Tree>();
move(Arc.new(new Mutex(data)), { tx, rx: [rx] });

// In a generic function nobody knows yet: it passes, and is checked where it is sent.
function generic<T, U extends readonly T[], K extends keyof T>(
  one: T,
  many: readonly T[],
  pair: readonly [T, ...T[]],
  field: { a: T; b?: T },
  map: Map<string, T>,
  set: Set<T>,
  key: K,
  value: T[K],
  part: Partial<T>,
  list: U,
  tree: Growing<T>,
) {
  move(one, many, pair, field, map, set, key, value, part, list, tree);
  const handle = thread.spawn(move(one, field), (one, field) => {
    same<typeof one, T>(true);
    return field.a;
  });
  same<typeof handle, thread.JoinHandle<Awaited<T>>>(true);
  return handle;
}
generic satisfies object;
function constrained<T extends { n: number }>(value: T) {
  return thread.spawn(move(value), (value) => value.n);
}
constrained satisfies object;
