// What waiting does with `multithreading`: its Condvar, its Barrier, and ends of channels that are closed; facts as JSON.
import {
  Barrier,
  Condvar,
  channel,
  initRuntime,
  Mutex,
  move,
  RwLock,
  SharedJsonBuffer,
  shutdown,
  spawn,
} from "multithreading";

initRuntime({ maxWorkers: 4 });
const facts = {};
const settled = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 400, "pending"))]);
const shared = (size) => new Int32Array(new SharedArrayBuffer(4 * size));

// A wait gives the lock back, and the guard is the same one behind it.
const [ready, told] = [new Mutex(shared(1)), new Condvar()];
const guard = await ready.lock();
const setter = spawn(move(ready, told), async (ready, told) => {
  const guard = await ready.lock();
  guard.value[0] = 7;
  told.notifyOne();
  guard.dispose();
});
facts.waitReturns = (await told.wait(guard)) === undefined;
facts.guardBehind = guard.value[0];
facts.lockedBehind = await settled(ready.lock().then((again) => again.dispose()));
guard.dispose();
facts.setter = (await setter.join()).ok;

// The form that blocks does the same.
const blocked = spawn(move(ready, told), (ready, told) => {
  const guard = ready.blockingLock();
  guard.value[0] = 1;
  const before = told.blockingWait(guard);
  const seen = [before === undefined, guard.value[0]];
  guard.dispose();
  return seen;
});
for (let isWaiting = false; !isWaiting; ) {
  const held = await ready.lock();
  isWaiting = held.value[0] === 1;
  if (isWaiting) held.value[0] = 9;
  held.dispose();
}
await new Promise((resolve) => setTimeout(resolve, 50));
told.notifyAll();
facts.blocked = await blocked.join();

// A notification that comes first is lost, and one that comes wakes who waits, whatever it waits for.
told.notifyAll();
const early = await ready.lock();
const wait = told.wait(early);
facts.early = await settled(wait.then(() => "awake"));
told.notifyOne();
await wait;
facts.unchanged = early.value[0];
early.dispose();

const barrier = new Barrier(2);
const other = spawn(move(barrier), async (barrier) => (await barrier.wait()).isLeader);
const mine = (await barrier.wait()).isLeader;
facts.leaders = [mine, (await other.join()).value].filter(Boolean).length;

const lock = new RwLock(shared(1));
const readers = [await lock.read(), await lock.read()];
facts.writerBesideReaders = await settled(lock.write().then((writer) => writer.dispose()));
for (const reader of readers) reader.dispose();

const [sender, receiver] = channel(2);
await sender.send(1);
sender.close();
facts.closed = [(await receiver.recv()).ok, (await receiver.recv()).ok, (await sender.send(2)).ok];
receiver.close();

const settings = new SharedJsonBuffer({ n: 1 });
await spawn(move(settings), (settings) => {
  settings.n = 5;
}).join();
facts.json = settings.n;

process.stdout.write(`${JSON.stringify(facts)}\n`);
shutdown();
