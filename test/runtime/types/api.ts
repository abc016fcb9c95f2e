// Compiled by types.test.ts, never run: what the type checker says about the library's API.
import {
  Arc,
  atomic,
  Condvar,
  Err,
  type JoinHandle,
  Mutex,
  move,
  mpsc,
  Ok,
  OnceLock,
  type Result,
  RwLock,
  type Sendable,
  ThreadPool,
  thread,
} from "fearless-threads";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_yes: Same<A, B>): void {}

// The handle's type is what the closure returns, awaited.
const sync = thread.spawn(() => 1);
same<typeof sync, JoinHandle<number>>(true);
const later = thread.spawn(async () => ["a"]);
same<typeof later, JoinHandle<string[]>>(true);
const never = thread.spawn(() => {
  throw new Error();
});
same<typeof never, JoinHandle<never>>(true);

// Moved values type the closure's parameters, in order.
const bytes = new Uint8Array(4);
thread.spawn(move(1, "a", bytes, { deep: [true] }), (n, s, b, o) => {
  same<typeof n, number>(true);
  same<typeof s, string>(true);
  same<typeof b, typeof bytes>(true);
  same<typeof o, { deep: boolean[] }>(true);
});
thread.spawn(move([1, 2]), (list: readonly number[]) => list.length);
thread.spawn(move(1, 2), (a) => a);
// @ts-expect-error a number is no string
thread.spawn(move(1), (text: string) => text);
// @ts-expect-error one value was moved, two are asked for
thread.spawn(move(1), (a: number, b: number) => a + b);
// @ts-expect-error nothing was moved
thread.spawn((a: number) => a);
// @ts-expect-error the values must be given to move
thread.spawn(1, (a: number) => a);
new thread.Builder()
  .name("n")
  .stackSize(1 << 20)
  .spawn(move("a"), (a) => same<typeof a, string>(true))
  .unwrap();
const scoped = thread.scope((s) => s.spawn(move("a"), (a) => a.length));
same<typeof scoped, Promise<JoinHandle<number>>>(true);

// What cannot be sent is refused where it is moved.
// @ts-expect-error a function
move(() => 1);
// @ts-expect-error a function in a field
move({ options: { onDone: () => 1 } });
// @ts-expect-error a function in an array
move([() => 1]);
// @ts-expect-error a symbol
move(Symbol("s"));
// @ts-expect-error a promise
move(Promise.resolve(1));
// @ts-expect-error a class
move(Map);
// @ts-expect-error a function in a map
move(new Map([["k", () => 1]]));
class Account {
  balance = 0;
  pay(): void {}
}
// @ts-expect-error a class instance loses its methods
move(new Account());
class Point {
  declare readonly [thread.send]: true;
  x = 0;
  length(): number {
    return this.x;
  }
}
interface Tree {
  readonly value: number;
  readonly children: readonly Tree[];
  parent?: Tree;
}
declare const tree: Tree;
declare const something: unknown;
move(
  new Point(),
  tree,
  something,
  new Map([["k", new Set([1])]]),
  new Date(),
  /x/,
  new Error("e"),
  null,
  undefined,
  1n,
);
same<Sendable<Tree>, Tree>(true);
const fits: Sendable<Tree> = tree;
void fits;

// A handle of the library may be moved.
const counter = Arc.new(new Mutex(0));
const [tx, rx] = mpsc.channel<string>();
thread.spawn(move(counter.clone(), tx, rx, { lock: new Mutex("") }), async (c, tx, rx, { lock }) => {
  using n = (await c.lock()).unwrap();
  same<typeof n.value, number>(true);
  n.value += 1;
  // @ts-expect-error the lock holds a number
  n.value = "text";
  tx.send("a").unwrap();
  // @ts-expect-error the channel is one of strings
  tx.send(1);
  for await (const text of rx) same<typeof text, string>(true);
  using text = lock.lockSync().unwrap();
  same<typeof text.value, string>(true);
});

// A result narrows on `ok`, and its methods agree on both arms.
async function results(): Promise<void> {
  const result = await sync.join();
  // @ts-expect-error the value is only there where it is ok
  result.value;
  if (result.ok) same<typeof result.value, number>(true);
  else same<typeof result.error.threadName, string>(true);
  same<ReturnType<typeof result.unwrap>, number>(true);
  const mapped = result.map((n) => `${n}`).mapErr((panic) => panic.message);
  same<typeof mapped, Result<string, string>>(true);
  const matched = result.match({ ok: (n) => n, err: () => "panicked" });
  same<typeof matched, string | number>(true);
  const made: Result<number, Error> = Math.random() > 0.5 ? new Ok(1) : new Err(new Error());
  if (made.isErr()) same<typeof made.error, Error>(true);
  const handle = await sync;
  same<typeof handle, JoinHandle<number>>(true);
}
void results;

// A handle is no promise.
// @ts-expect-error it has no then
sync.then;

// What guards and pools give has the type of what went in.
async function more(): Promise<void> {
  const list = Arc.new(new RwLock([1]));
  using reading = (await list.read()).unwrap();
  same<typeof reading.value, readonly number[]>(true);
  // @ts-expect-error a reader does not write
  reading.value = [2];
  // @ts-expect-error nor does it change what is inside
  reading.value.push(2);
  using flag = new Mutex(false).lockSync().unwrap();
  using open = (await new Condvar().waitWhile(flag, (is) => !is)).unwrap();
  same<typeof open.value, boolean>(true);
  // @ts-expect-error a Condvar belongs to a Mutex
  new Condvar().waitSync(list.writeSync().unwrap());
  const [tx, rx] = mpsc.syncChannel<string>(1);
  // @ts-expect-error the channel is one of strings
  tx.sendSync(1);
  const got = (await rx.recvTimeout(1)).unwrap();
  same<typeof got, string>(true);
  const once = new OnceLock<{ port: number }>();
  same<ReturnType<typeof once.get>, { port: number } | undefined>(true);
  // @ts-expect-error 64 bits are a bigint
  new atomic.AtomicI64(1);
  await using pool = new ThreadPool();
  const lengths = await pool.map(["a"], async (text) => text.length);
  same<typeof lengths, number[]>(true);
  // @ts-expect-error a function stays in the thread that made it
  pool.map([() => 1], (f) => f());
  const handle = pool.spawn(move(tx, list.clone(), new atomic.AtomicBool(true)), (tx, list, flag) => {
    same<typeof tx, mpsc.SyncSender<string>>(true);
    return [list.tryRead().ok, flag.load()];
  });
  same<typeof handle, JoinHandle<boolean[]>>(true);
}
void more;
