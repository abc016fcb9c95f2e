// Compiled by types.test.ts with `declaration`, never run: whatever a module exports of the library has a type that its
// declarations can name.
import {
  Arc,
  atomic,
  Barrier,
  Condvar,
  Err,
  Mutex,
  move,
  mpsc,
  Ok,
  Once,
  OnceLock,
  RwLock,
  Semaphore,
  type Send,
  type Sendable,
  type SendableResult,
  ThreadPool,
  thread,
  threadChannel,
} from "fearless-threads";
export const pool = new ThreadPool();
export const [tx, rx] = mpsc.channel<string>();
export const [stx, srx] = mpsc.syncChannel<{ a: number }>(1);
export const lock = Arc.new(new Mutex({ a: 1 }));
export const guard = lock.lockSync();
export const rw = new RwLock([1]);
export const reading = rw.readSync().unwrap();
export const writing = rw.tryWrite();
export const cv = new Condvar();
export const waited = async () => cv.waitTimeout(lock.lockSync().unwrap(), 1);
export const waited2 = async () => cv.waitWhile(lock.lockSync().unwrap(), (v) => v.a > 0);
export const barrier = new Barrier(1).waitSync();
export const once = new Once();
export const lazy = new OnceLock<number>();
export const sem = new Semaphore(1).tryAcquire();
export const local = thread.local(() => ({ n: 1 }));
export const handle = thread.spawn(move(1, "a"), (n, s) => ({ n, s }));
export const moved = move(1, [2], { a: lock });
export const built = new thread.Builder().name("a").spawn(() => 1);
export const result = handle.join();
export const scope = thread.scope((s) => s.spawn(() => 1));
export const me = thread.current();
export const flag = new atomic.AtomicBool(true);
export const ok = new Ok(1),
  err = new Err("a");
export const channel = mpsc.channel;
export const spawn = thread.spawn;
export const mv = move;
export const map = pool.map;
export const ch = threadChannel;
export const sent = tx.send("a");
export const tried = stx.trySend({ a: 1 });
export const got = async () => rx.recvTimeout(1);
export function share<T>(value: Sendable<T>) {
  return thread.spawn(move(value), (v) => v);
}
export function run<R>(f: () => SendableResult<R>) {
  return pool.spawn(f);
}
export function make<T extends Send<T>>() {
  return mpsc.channel<T>();
}
export class Actor<M> {
  inbox = mpsc.channel<M>();
  state = Arc.new(new Mutex<M | null>(null));
  run = thread.spawn(move(this.inbox[1]), async (rx) => {
    for await (const m of rx) return m;
    return undefined;
  });
}
