// Threads that start threads, all of which hold something, and are killed in any order.
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Arc, drop, Mutex, move, mpsc, RwLock, Semaphore, thread } from "fearless-threads";
import { thorough } from "../long.js";

const things = ["lock", "write", "read", "permit", "two senders", "receiver", "wait for a lock"] as const;

/** A thread to be: its number, what it holds, and the threads that it starts. */
interface Plan {
  readonly id: number;
  readonly holds: (typeof things)[number];
  readonly children: readonly Plan[];
}

type Shape = Omit<Plan, "id" | "children"> & { readonly children: readonly Shape[] };

const leaf: fc.Arbitrary<Shape> = fc.record({ holds: fc.constantFrom(...things), children: fc.constant([]) });
const withChildren = (child: fc.Arbitrary<Shape>, maxLength: number): fc.Arbitrary<Shape> =>
  fc.record({ holds: fc.constantFrom(...things), children: fc.array(child, { maxLength }) });
const tree = withChildren(withChildren(withChildren(leaf, 1), 2), 2);

/** What becomes of a thread, from `ends` on by its own doing. */
const orders = { none: 0, kill: 1, exit: 2, panic: 3 } as const;

const order = fc.record({
  victim: fc.nat(),
  what: fc.constantFrom(orders.kill, orders.kill, orders.exit, orders.panic),
  pause: fc.nat(20),
});

function numbered(shapes: readonly Shape[], next = { id: 0 }): readonly Plan[] {
  return shapes.map((shape) => ({ ...shape, id: next.id++, children: numbered(shape.children, next) }));
}

function sizeOf(plans: readonly Plan[]): number {
  return plans.reduce((sum, { children }) => sum + 1 + sizeOf(children), 0);
}

/** What all of them share. */
class Shared {
  readonly lock = Arc.new(new Mutex(0));
  readonly rwLock = Arc.new(new RwLock(0));
  readonly permits = Arc.new(new Semaphore(100));
  readonly channel = mpsc.channel<number>();
  readonly other = mpsc.channel<number>();
}

/** What one thread is given of it. */
interface Given {
  readonly lock: Arc<Mutex<number>>;
  readonly rwLock: Arc<RwLock<number>>;
  readonly permits: Arc<Semaphore>;
  readonly tx: mpsc.Sender<number>;
  readonly rx: mpsc.Receiver<number>;
}

/** Word 0 counts the threads that are up; those that follow say what is to become of each. */
type Words = Int32Array;

async function grow({ id, holds, children }: Plan, { lock, rwLock, permits, tx, rx }: Given, words: Words) {
  const { thread, move } = await import("fearless-threads");
  thread.setPanicHook(() => {});
  const handles = children.map((child) => {
    const given = {
      lock: lock.clone(),
      rwLock: rwLock.clone(),
      permits: permits.clone(),
      tx: tx.clone(),
      rx: rx.clone(),
    };
    return { id: child.id, handle: thread.spawn(move(child, given, words), grow) };
  });
  const kept: unknown[] = [];
  const up = () => Atomics.add(words, 0, 1);
  if (holds === "two senders") kept.push(tx.clone());
  else if (holds === "permit") kept.push(permits.tryAcquire(), await permits.acquire());
  else if (holds === "read") kept.push(rwLock.tryRead());
  else if (holds === "write") kept.push(rwLock.tryWrite());
  else if (holds === "lock") kept.push(lock.tryLock());
  else if (holds === "receiver") kept.push(rx.clone());
  else if (children.length === 0) {
    up();
    kept.push(lock.lockSync());
  } else {
    void lock.lock().then((guard) => kept.push(guard));
  }
  up();
  for (;;) {
    if (Atomics.load(words, 1 + id) === 2) process.exit();
    if (Atomics.load(words, 1 + id) === 3) throw new Error("panics");
    for (const child of handles) if (Atomics.load(words, 1 + child.id) === 1) child.handle.terminate();
    await thread.sleep(1);
  }
}

/** A timeout is an answer that did not come. */
async function within<T>(what: string, answer: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(60_000);
  return await Promise.race([
    answer,
    new Promise<never>((_, reject) => late.addEventListener("abort", () => reject(new Error(`${what}: no answer`)))),
  ]);
}

async function live(
  plans: readonly Plan[],
  wishes: readonly { readonly victim: number; readonly what: number; readonly pause: number }[],
  grown: number,
): Promise<void> {
  const { lock, rwLock, permits, channel, other } = new Shared();
  const size = sizeOf(plans);
  const words = new Int32Array(new SharedArrayBuffer(4 * (1 + size)));
  const handles = plans.map((plan) => {
    const given = {
      lock: lock.clone(),
      rwLock: rwLock.clone(),
      permits: permits.clone(),
      tx: channel[0].clone(),
      rx: other[1].clone(),
    };
    return { id: plan.id, handle: thread.spawn(move(plan, given, words), grow) };
  });
  drop(channel[0]);
  drop(other[1]);
  const received = channel[1].recv();
  const patience = performance.now() + grown;
  while (Atomics.load(words, 0) < size && performance.now() < patience) await thread.sleep(1);
  for (const { victim, what, pause } of wishes) {
    await thread.sleep(pause);
    const id = victim % size;
    Atomics.store(words, 1 + id, what);
    const top = handles.find((handle) => handle.id === id);
    if (what === orders.kill) top?.handle.terminate();
  }
  await thread.sleep(2);
  for (const { handle } of handles.toReversed()) handle.terminate();
  words.fill(orders.exit, 1); // Those that a thread has started that panicked live on.
  for (const { handle } of handles) assert.equal((await within("join", handle.join())).ok, false);
  assert.equal((await within("recv", received)).ok, false);
  (await within("lock", lock.lock())).match({ ok: drop, err: () => lock.clearPoison() });
  (await within("write", rwLock.write())).match({ ok: drop, err: () => rwLock.clearPoison() });
  assert.ok(lock.tryLock().ok);
  assert.ok(rwLock.tryWrite().ok);
  assert.equal(permits.availablePermits(), 100);
  assert.equal(other[0].send(1).ok, false);
  assert.deepEqual([lock.strongCount(), rwLock.strongCount(), permits.strongCount()], [1, 1, 1]);
}

describe("threads that start threads and are killed in any order", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("hold nothing afterwards, whoever was told of their end", async () => {
    const shapes = fc.array(tree, { minLength: 1, maxLength: 2 });
    const property = fc.asyncProperty(
      shapes,
      fc.array(order, { maxLength: 6 }),
      fc.constantFrom(0, 50, 1000),
      async (shapes, wishes, grown) => {
        await live(numbered(shapes), wishes, grown);
      },
    );
    await fc.assert(property, {
      numRuns: thorough ? 300 : 10,
      seed: Number(process.env.SEED ?? 20261123),
      endOnFailure: true,
    });
  }).timeout(thorough ? 1_800_000 : 120_000);
});
