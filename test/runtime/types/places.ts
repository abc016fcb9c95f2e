// Compiled by types.test.ts, never run: each place that sends a value asks the type checker whether it can be sent, and
// leaves what the compiler infers as it is. Where a line ends in a `no` comment, the compiler refuses it, with just that
// reason.
import type { MessagePort } from "node:worker_threads";
import {
  Arc,
  type JoinHandle,
  Mutex,
  type MutexGuard,
  move,
  mpsc,
  OnceLock,
  type Result,
  RwLock,
  type Send,
  type Sendable,
  type SendableResult,
  type SendError,
  ThreadPool,
  thread,
} from "fearless-threads";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_yes: Same<A, B>): void {}

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
type State = { kind: "idle" } | { kind: "busy"; since: Date };
enum Color {
  Red,
  Green,
}
class Account {
  balance = 0;
  pay(): void {}
}
class Registered {
  declare readonly [thread.send]: true;
  x = 0;
  length(): number {
    return this.x;
  }
}
class Chain<T> {
  declare readonly [thread.send]: { value: T; next: Chain<T> | null; deeper: Chain<T[]> | null };
  constructor(readonly value: T) {}
  map(): void {}
  [Symbol.dispose](): void {}
}
class Box<T> {
  declare readonly [thread.send]: T;
  constructor(readonly value: T) {}
  get(): T {
    return this.value;
  }
}
declare const tree: Tree;
declare const maybe: boolean;
declare const one: () => number;
// biome-ignore lint/suspicious/noExplicitAny: programs have them.
declare const any: any;
declare const sender: mpsc.Sender<Tree>;
declare const results: readonly [Result<() => void, Error>, Result<Tree, () => void>];

// What a closure returns: the reason names the part of the result.
thread.spawn(() => () => 1); // no: a function stays in the thread that made it; send the data it needs
thread.spawn(() => ({ id: 1, onDone: () => 1 })); // no: onDone: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
thread.spawn(async () => ({ later: [Promise.resolve(1)] })); // no: later[number]: a promise stays in the thread that made it; await it first
thread.spawn(() => Promise.resolve(Symbol("s"))); // no: a symbol is only itself in the thread that made it; send a string
thread.spawn(() => new Account()); // no: pay: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
thread.spawn(move(1), (n) => [() => n]); // no: [number]: a function stays in the thread that made it; send the data it needs
thread.spawn(() => (maybe ? 1 : () => 1)); // no: a function stays in the thread that made it; send the data it needs
thread.spawn(() => new Mutex(0).lockSync().unwrap()); // no: what is disposed of stays in the thread that made it; make it inside the thread
new thread.Builder().spawn(() => new Account()); // no: pay: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
new thread.Builder().spawn(move(1), () => new WeakMap()); // no: a weak collection stays in the thread that made it
thread.scope((s) => void s.spawn(() => () => 1)); // no: a function stays in the thread that made it; send the data it needs
thread.scope((s) => void s.spawn(move(1), async (n) => ({ at: { f: () => n } }))); // no: at.f: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
thread.spawn(move(1), () => results[0]); // no: value: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
thread.spawn(async () => ({ at: results[1] })); // no: at.error: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
thread.scope(() => () => 1); // What the scope itself returns stays here.
const pool = new ThreadPool();
pool.spawn(() => () => 1); // no: a function stays in the thread that made it; send the data it needs
pool.spawn(move(1), (n) => ({ f: () => n })); // no: f: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
pool.map([1], (n) => () => n); // no: a function stays in the thread that made it; send the data it needs
pool.map([() => 1], (f) => f()); // no: a function stays in the thread that made it; send the data it needs

// What it returns is inferred as ever.
const inferred = {
  number: thread.spawn(() => 6 * 7),
  nothing: thread.spawn(() => {}),
  early: thread.spawn(async () => {
    if (maybe) return;
    console.log("late");
  }),
  never: thread.spawn(async () => {
    throw new Error();
  }),
  empty: thread.spawn(() => []),
  object: thread.spawn(async () => ({ kind: "a", list: [{ x: 1 }] })),
  either: thread.spawn(() => (maybe ? 1 : Promise.resolve("a"))),
  all: thread.spawn(() => Promise.all([1, 2].map(async (n) => ({ n })))),
  map: thread.spawn(move(["a"]), (words) => new Map(words.map((word) => [word, word.length]))),
  constant: thread.spawn(() => [1, "a"] as const),
  any: thread.spawn(() => JSON.parse("1")),
  unknown: thread.spawn((): unknown => () => 1),
  registered: thread.spawn(() => new Registered()),
  lock: thread.spawn(() => new Mutex(tree)),
  result: thread.spawn(move(sender), (tx) => tx.send({ value: 1, children: [] })),
  bytes: thread.spawn(() => new Float64Array(8)),
};
same<typeof inferred.result, JoinHandle<Result<void, SendError<Tree>>>>(true);
same<typeof inferred.number, JoinHandle<number>>(true);
same<typeof inferred.nothing, JoinHandle<void>>(true);
same<typeof inferred.early, JoinHandle<void>>(true);
same<typeof inferred.never, JoinHandle<never>>(true);
same<typeof inferred.empty, JoinHandle<never[]>>(true);
same<typeof inferred.object, JoinHandle<{ kind: string; list: { x: number }[] }>>(true);
same<typeof inferred.either, JoinHandle<1 | string>>(true);
same<typeof inferred.all, JoinHandle<{ n: number }[]>>(true);
same<typeof inferred.map, JoinHandle<Map<string, number>>>(true);
same<typeof inferred.constant, JoinHandle<readonly [1, "a"]>>(true);
same<typeof inferred.any, JoinHandle<typeof any>>(true);
same<typeof inferred.unknown, JoinHandle<unknown>>(true);
same<typeof inferred.registered, JoinHandle<Registered>>(true);
same<typeof inferred.lock, JoinHandle<Mutex<Tree>>>(true);
same<typeof inferred.bytes, JoinHandle<Float64Array<ArrayBuffer>>>(true);
const expected: JoinHandle<State> = thread.spawn(() => ({ kind: "idle" }));
const tuple: JoinHandle<[number, string]> = thread.spawn(async () => [1, "a"]);
thread.spawn<number>(() => 1);
// @ts-expect-error a text is no number
thread.spawn<number>(() => "a");
same<typeof mapped, Promise<{ word: string; length: number }[]>>(true);
const mapped = pool.map(new Set(["a"]), async (word) => ({ word, length: word.length }));

// Locks, and what an Arc shares.
new Mutex(new Box({ list: [1] }));
new Mutex<Chain<number> | null>(null);
new Mutex<Chain<() => void> | null>(null); // no: value: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
new Mutex(new Box({ list: [() => 1] })); // no: list[number]: a function stays in the thread that made it; send the data it needs
new Mutex(() => 1); // no: a function stays in the thread that made it; send the data it needs
new Mutex({ id: 1, list: [{ f: () => 1 }] }); // no: list[number].f: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
new RwLock(new Map([["k", new Account()]])); // no: [<value>].pay: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
new RwLock<{ a?: () => void }>({}); // no: a: a function stays in the thread that made it; send the data it needs
Arc.new({ f: () => 1 }); // no: f: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
// @ts-expect-error there is no such field
new Mutex<{ a?: number }>({ a: 1, b: 2 });
same<
  {
    number: Mutex<number>;
    flag: RwLock<boolean>;
    object: Mutex<{ state: string; list: number[] }>;
    color: Mutex<Color>;
    map: Mutex<Map<string, Set<number>>>;
    words: Arc<readonly string[]>;
    shared: Arc<Mutex<number>>;
  },
  {
    number: typeof number;
    flag: typeof flag;
    object: typeof object;
    color: typeof color;
    map: typeof map;
    words: typeof words;
    shared: typeof shared;
  }
>(true);
const number = new Mutex(0);
const flag = new RwLock(false);
const object = new Mutex({ state: "idle", list: [1] });
const color = new Mutex(Color.Red as Color);
const map = new Mutex(new Map<string, Set<number>>());
const words = Arc.new(["a"] as readonly string[]);
const shared = Arc.new(new Mutex(0));
const typed: readonly unknown[] = [
  new Mutex([]) satisfies Mutex<number[]>,
  new Mutex({ kind: "idle" }) satisfies Mutex<State>,
  new Mutex<State | null>(null),
  new Mutex<"a" | "b">("a"),
  new RwLock<Json>({ a: [1, { b: null }] }),
  new Mutex<unknown>(() => 1),
  new Mutex(any),
  new Mutex(new Int32Array(new SharedArrayBuffer(8))),
];

// Channels and OnceLocks are asked when they are made: nobody has a value then.
mpsc.channel<() => void>(); // no: a function stays in the thread that made it; send the data it needs
mpsc.channel<{ id: number; reply: (n: number) => void }>(); // no: reply: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
mpsc.syncChannel<Account>(1); // no: pay: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
new OnceLock<Promise<number>>(); // no: a promise stays in the thread that made it; await it first
const [tx, rx] = mpsc.channel<Tree>();
same<typeof tx, mpsc.Sender<Tree>>(true);
same<typeof rx, mpsc.Receiver<Tree>>(true);
const [jobs] = mpsc.syncChannel<{ at: number; reply: mpsc.Sender<Json>; lock: Arc<Mutex<Growing<string>>> } | null>(4);
const [ports] = mpsc.channel<{ port: MessagePort; body: ReadableStream; error: TypeError; bytes: Uint8Array }>();
const anything: readonly unknown[] = [
  jobs,
  ports,
  mpsc.channel<unknown>(),
  mpsc.channel<typeof any>(),
  mpsc.channel<void>(),
  mpsc.channel<Registered>(),
  mpsc.channel<bigint | undefined>(),
  new OnceLock<Growing<Date>>(),
  new OnceLock() satisfies OnceLock<string>,
];
const context: [mpsc.Sender<State>, mpsc.Receiver<State>] = mpsc.channel();
interface Node {
  readonly next: OnceLock<Node>;
  readonly inbox: mpsc.Sender<Node>;
}
const recursive = new OnceLock<Node>();

// So nobody can send through one as if it took more: a sender of strings is none of anything else.
declare const texts: mpsc.Sender<string>;
declare const bounded: mpsc.SyncSender<string>;
declare const late: OnceLock<string>;
declare const received: mpsc.Receiver<string>;
// @ts-expect-error it takes no functions
const takesAll: mpsc.Sender<unknown> = texts;
// @ts-expect-error it takes no numbers
const takesMore: mpsc.SyncSender<string | number> = bounded;
// @ts-expect-error it takes no numbers
const setsMore: OnceLock<string | number> = late;
const givesLess: mpsc.Receiver<string | number> = received;
// @ts-expect-error a function is no string
texts.send(() => 1);
// @ts-expect-error there is no such field
tx.send({ value: 1, children: [], parnt: tree });
mpsc.channel<{ at: Date; by?: string }>()[0].send({ at: new Date() });
void [takesAll, takesMore, setsMore, givesLess];

// What says nothing of its type is looked at when it is sent: `unknown`, `any`, `object`, and a channel without a type.
const [open] = mpsc.channel();
same<typeof open, mpsc.Sender<unknown>>(true);
open.send(one);
mpsc.channel<object>()[0].send(one);
mpsc.channel<typeof any>()[0].send(one);
new OnceLock<unknown>().setSync(one);
new Mutex<unknown>(0).lockSync().unwrap().value = one;
const own = thread.local(() => one); // What belongs to one thread is never sent.
same<ReturnType<typeof own.get>, () => number>(true);

// A wrapper of a sender needs no bound: whoever made the channel was asked.
function forward<T>(to: mpsc.Sender<T>, value: T): Result<void, SendError<T>> {
  return to.send(value);
}
async function forwardAll<T>(from: mpsc.Receiver<T>, to: mpsc.SyncSender<T>): Promise<void> {
  for await (const value of from) (await to.send(value)).unwrap();
}
function fill<T>(cell: OnceLock<T>, value: T): Result<void, T> {
  return cell.setSync(value);
}
forward(texts, "a").unwrap();
forward(tx, tree).unwrap();
// @ts-expect-error a number is no string
forward(texts, 1);
void [forwardAll(received, bounded), fill(late, "a")];

// In a generic function all of this is open, and what it is called with is asked where it says so.
function generic<T, K extends string, R>(value: T, pairs: ReadonlyMap<K, T>, f: (value: T) => R) {
  const [tx, rx] = mpsc.channel<T>();
  tx.send(value);
  const once = new OnceLock<{ at: T; by?: readonly K[] }>();
  const lock = Arc.new(new Mutex(value));
  const reading = new RwLock<readonly T[]>([value]);
  const threads = [
    thread.spawn(move(value, rx), (value) => value),
    thread.spawn(move(value), async (value) => value),
    thread.spawn(move(lock.clone()), (lock) => lock.lockSync().unwrap().value),
  ] satisfies JoinHandle<Awaited<T>>[];
  same<typeof lock, Arc<Mutex<T>>>(true);
  const ran = thread.spawn(move(value), f);
  same<typeof ran, JoinHandle<Awaited<R>>>(true);
  const all = pool.map([value], f);
  same<typeof all, Promise<Awaited<R>[]>>(true);
  thread.spawn(move(value, [...pairs]), (value, pairs) => ({ value, last: pairs.at(-1) }));
  return [once, reading, threads] as const;
}
function checked<T>(value: Sendable<T>) {
  new Mutex<T>(value);
  return thread.spawn(move(value), (value) => value);
}
function checkedToo<T>(value: T & Sendable<T>) {
  new Mutex<T>(value);
  return thread.spawn(move(value, [value]), (value, [first]) => first ?? value);
}
function bound<T extends Send<T>>(values: Iterable<T>) {
  const [tx, rx] = mpsc.syncChannel<T>(8);
  for (const value of values) tx.sendSync(value);
  return rx;
}
function run<A extends readonly unknown[], R>(
  f: (...values: A) => SendableResult<R>,
  ...values: { [K in keyof A]: Sendable<A[K]> }
) {
  return thread.spawn(move<A>(...values), f);
}
same<ReturnType<typeof checked<number>>, JoinHandle<number>>(true);
generic(
  () => 1,
  new Map<string, () => number>(),
  (f) => f,
); // What it does with it is found at run time.
checked({ f: one }); // no: f: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
checkedToo({ f: one }); // no: f: a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]
bound([() => 1]); // no: a function stays in the thread that made it; send the data it needs
run((n: number) => () => n, 1); // no: a function stays in the thread that made it; send the data it needs
run((f: typeof one) => f(), one); // no: a function stays in the thread that made it; send the data it needs
const ran = run((n: number, text: string) => ({ n, text }), 1, "a");
same<typeof ran, JoinHandle<{ n: number; text: string }>>(true);
class Actor<Message, Answer = void> {
  readonly inbox = mpsc.channel<Message>();
  readonly answer = new OnceLock<Answer>();
  readonly state: RwLock<readonly Message[]> = new RwLock<readonly Message[]>([]);
}

// A guard is disposed of, handles and pools are so asynchronously, and a Result narrows whichever way it is asked.
async function disposing(): Promise<void> {
  await using handle = thread.spawn(() => 1);
  await using own = new ThreadPool({ size: 1 });
  using guard = (await number.lock()).unwrap();
  same<typeof guard, MutexGuard<number>>(true);
  using reading = flag.readSync().unwrap();
  using writing = flag.tryWrite().unwrapOr(undefined);
  if (writing) same<typeof writing.value, boolean>(true);
  using sender = tx.clone();
  const result = await handle.join();
  if (result.isOk()) same<typeof result.value, number>(true);
  else same<typeof result.error.kind extends string ? true : false, true>(true);
  const sent = tx.send(tree);
  if (!sent.ok) same<typeof sent.error.value, Tree>(true);
  const tried = rx.tryRecv();
  switch (tried.ok) {
    case true:
      same<typeof tried.value, Tree>(true);
      break;
    case false:
      same<typeof tried.error.reason, "empty" | "disconnected">(true);
  }
  const locked = number.tryLock();
  if (!locked.ok) same<typeof locked.error.name, "PoisonError" | "WouldBlockError">(true);
  // @ts-expect-error a guard is disposed of at once
  await using wrong = guard satisfies AsyncDisposable;
  // @ts-expect-error a handle has to be awaited
  using wrongToo: Disposable = handle;
  const outcome: Result<string, Error> = result.map(String);
  void [own, reading, sender, outcome, wrong, wrongToo];
}

export { Actor, anything, context, disposing, expected, recursive, tuple, typed };
