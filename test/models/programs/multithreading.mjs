// Does with `multithreading` what the model says something about, and prints what came of it as JSON.
import { channel, drop, initRuntime, Mutex, move, RwLock, Semaphore, shutdown, spawn } from "multithreading";

initRuntime({ maxWorkers: 2 });
const facts = {};
const settled = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 400, "pending"))]);
const failure = ({ ok, error }) => (ok ? "ok" : `${error.message}`);
const thrown = (f) => {
  try {
    f();
    return "nothing";
  } catch (error) {
    return error.message;
  }
};

const [buffer, view] = [new ArrayBuffer(8), new Uint8Array(8)];
const [object, list] = [{ bytes: new ArrayBuffer(8) }, [new ArrayBuffer(8)]];
const sum = (a, b, c, d) => a.byteLength + b.byteLength + c.bytes.byteLength + d[0].byteLength;
facts.arrived = await spawn(move(buffer, view, object, list), sum).join();
facts.left = [buffer.byteLength, view.byteLength, object.bytes.byteLength, list[0].byteLength];
const kept = new ArrayBuffer(8);
move(kept);
facts.onlyMarked = kept.byteLength;

const mutex = new Mutex(new Int32Array(new SharedArrayBuffer(4)));
const rwLock = new RwLock();
const semaphore = new Semaphore(1);
const use = async (m, l, s) => {
  const guard = await m.lock();
  guard.value[0]++;
  guard.dispose();
  (await l.write()).dispose();
  (await s.acquire()).dispose();
};
facts.locked = [
  await spawn(move(mutex, rwLock, semaphore), use).join(),
  await spawn(move(mutex, rwLock, semaphore), use).join(),
];
const guard = await mutex.lock();
facts.counted = guard.value[0];
facts.lockedTwice = await settled(mutex.lock().then(() => "got it"));
guard.dispose();
guard.dispose();
facts.readAfterDispose = thrown(() => guard.value);
(await rwLock.write()).dispose();
const permit = await semaphore.acquire();
facts.noPermit = semaphore.tryAcquire() === null;
drop(permit);

const handle = spawn(() => 1);
facts.awaitedHandle = (await handle) === handle;
facts.members = Object.keys(handle);
facts.joined = [await handle.join(), await handle.join()];
const outside = 3;
facts.capture = failure(await spawn(() => outside).join());
facts.threw = failure(
  await spawn(() => {
    throw new TypeError("boom");
  }).join(),
);
facts.functionMoved = failure(
  await spawn(
    move(() => 1),
    (f) => f(),
  ).join(),
);
facts.functionReturned = failure(await spawn(() => () => 1).join());
facts.handleMoved = failure(await spawn(move(handle), () => 1).join());
class Point {
  x = 1;
  length() {
    return this.x;
  }
}
facts.instance = await spawn(move(new Point()), (p) => [p.x, typeof p.length]).join();

const [tx, rx] = channel(4);
const bytes = new Uint8Array(4);
facts.sent = [failure(await tx.send(bytes)), bytes.byteLength, failure(await rx.recv())];
facts.functionSent = await tx.send({ f: () => 1 }).then(failure, (error) => `rejects: ${error.message}`);
const clone = tx.clone();
facts.sentByThread = await spawn(move(tx), async (sender) => (await sender.send("hello")).ok).join();
facts.senderMoved = [failure(await tx.send(1)), thrown(() => tx.clone())];
facts.loopWithSender = await settled(
  (async () => {
    for await (const value of rx) facts.received = value;
    return "ended";
  })(),
);
drop(clone);
facts.senderDropped = failure(await clone.send(1));
const [tx2, rx2] = channel();
facts.receiverMoved = await spawn(move(rx2), () => 1)
  .join()
  .then(async () => failure(await rx2.recv()));
const [tx4, rx4] = channel();
drop(rx4);
facts.nobodyReceives = failure(await tx4.send(1));
drop(tx2);
const [tx3, rx3] = channel();
drop(tx3);
facts.loopWithoutSender = await settled(
  (async () => {
    for await (const value of rx3) facts.received = value;
    return "ended";
  })(),
);

process.stdout.write(`\n${JSON.stringify(facts)}\n`, () => {
  shutdown();
  process.exit(0);
});
