import { Worker } from "node:worker_threads";
import { move, mpsc, thread } from "fearless-threads";
import { assertResult, type Case, type Contender, type Scale } from "../harness.js";
import { type Library, library } from "../pools/multithreadingLibrary.js";
import { rust } from "../rust.js";
import { absolute, timesRaw } from "./bars.js";

type What = "ints" | "objects";

/** What is sent. Closures make it themselves, as `order` does for the worker. */
interface Order {
  readonly id: number;
  readonly name: string;
  readonly x: number;
  readonly paid: boolean;
}

const times = (scale: Scale) => (scale === "full" ? 100_000 : 100);
/** Of what costs so little that starting a thread would count otherwise. */
const more = (scale: Scale) => (scale === "full" ? 1_000_000 : 100);

/** @param pass lets one thread send so many, and gives the sum of what another one received. */
function passing(
  contender: Pick<Contender, "name" | "side">,
  open: () => { pass(count: number): Promise<number>; close(): unknown },
  count: (scale: Scale) => number = times,
): Contender {
  return {
    ...contender,
    open: (scale) => {
      const { pass, close } = open();
      const messages = count(scale);
      return {
        round: async () => {
          const start = performance.now();
          const sum = await pass(messages);
          const took = performance.now() - start;
          assertResult("sum", sum, (messages * (messages - 1)) / 2);
          return messages / took / 1e3;
        },
        close: async () => {
          await close();
        },
      };
    },
  };
}

/** A thread sends; the main thread receives in its event loop. */
function ours(what: What): Contender {
  const ints = async (count: number) => {
    const [tx, rx] = mpsc.channel<number>();
    const sender = thread.spawn(move(tx, count), (tx, count) => {
      for (let i = 0; i < count; i++) tx.send(i).unwrap();
    });
    let sum = 0;
    for await (const n of rx) sum += n;
    (await sender.join()).unwrap();
    return sum;
  };
  const objects = async (count: number) => {
    const [tx, rx] = mpsc.channel<Order>();
    const sender = thread.spawn(move(tx, count), (tx, count) => {
      for (let i = 0; i < count; i++) tx.send({ id: i, name: `order ${i}`, x: i / 2, paid: i % 2 === 0 }).unwrap();
    });
    let sum = 0;
    for await (const { id } of rx) sum += id;
    (await sender.join()).unwrap();
    return sum;
  };
  const pass = what === "ints" ? ints : objects;
  const count = what === "ints" ? more : times;
  return passing({ name: "fearless-threads, for await", side: "ours" }, () => ({ pass, close: () => {} }), count);
}

/** A thread sends; another one blocks and receives. */
function oursBlocking(what: What): Contender {
  const ints = async (count: number) => {
    const [tx, rx] = mpsc.channel<number>();
    const sender = thread.spawn(move(tx, count), (tx, count) => {
      for (let i = 0; i < count; i++) tx.send(i).unwrap();
    });
    const receiver = thread.spawn(move(rx), (rx) => {
      let sum = 0;
      for (let got = rx.recvSync(); got.ok; got = rx.recvSync()) sum += got.value;
      return sum;
    });
    (await sender.join()).unwrap();
    return (await receiver.join()).unwrap();
  };
  const objects = async (count: number) => {
    const [tx, rx] = mpsc.channel<Order>();
    const sender = thread.spawn(move(tx, count), (tx, count) => {
      for (let i = 0; i < count; i++) tx.send({ id: i, name: `order ${i}`, x: i / 2, paid: i % 2 === 0 }).unwrap();
    });
    const receiver = thread.spawn(move(rx), (rx) => {
      let sum = 0;
      for (let got = rx.recvSync(); got.ok; got = rx.recvSync()) sum += got.value.id;
      return sum;
    });
    (await sender.join()).unwrap();
    return (await receiver.join()).unwrap();
  };
  const pass = what === "ints" ? ints : objects;
  const count = what === "ints" ? more : times;
  return passing({ name: "fearless-threads, recvSync", side: "ours" }, () => ({ pass, close: () => {} }), count);
}

/** A loop over an iterator that has each number at once. */
function emptyLoop(): Contender {
  const numbers = (count: number): AsyncIterable<number> => ({
    [Symbol.asyncIterator]: () => {
      let i = 0;
      const next = (): IteratorResult<number> => (i < count ? { done: false, value: i++ } : { done: true, value: 0 });
      return { next: () => Promise.resolve(next()) };
    },
  });
  const pass = async (count: number) => {
    let sum = 0;
    for await (const n of numbers(count)) sum += n;
    return sum;
  };
  return passing({ name: "`for await` over no channel", side: "floor" }, () => ({ pass, close: () => {} }), more);
}

function messagePort(what: What): Contender {
  return passing({ name: "MessagePort", side: "raw" }, () => {
    const worker = new Worker(new URL("channelWorker.js", import.meta.url));
    const pass = (count: number) =>
      new Promise<number>((resolve) => {
        let sum = 0;
        let left = count;
        const receive = (message: number | Order) => {
          sum += typeof message === "number" ? message : message.id;
          if (--left > 0) return;
          worker.off("message", receive);
          resolve(sum);
        };
        worker.on("message", receive);
        worker.postMessage({ what, count });
      });
    return { pass, close: () => worker.terminate() };
  });
}

function theirs({ channel, initRuntime, move, shutdown, spawn }: Library, what: What): Contender {
  const open = () => {
    initRuntime({ maxWorkers: 2 });
    const ints = async (count: number) => {
      const [tx, rx] = channel<number>();
      const sender = spawn(move(tx, count), async (tx, count) => {
        for (let i = 0; i < count; i++) await tx.send(i);
      });
      let sum = 0;
      for await (const n of rx) sum += n;
      assertResult("join", (await sender.join()).ok, true);
      return sum;
    };
    const objects = async (count: number) => {
      const [tx, rx] = channel<Order>();
      const sender = spawn(move(tx, count), async (tx, count) => {
        for (let i = 0; i < count; i++) await tx.send({ id: i, name: `order ${i}`, x: i / 2, paid: i % 2 === 0 });
      });
      let sum = 0;
      for await (const { id } of rx) sum += id;
      assertResult("join", (await sender.join()).ok, true);
      return sum;
    };
    return { pass: what === "ints" ? ints : objects, close: shutdown };
  };
  // A message of its costs so much more that fewer say enough.
  return passing({ name: "multithreading", side: "other" }, open, (scale) => Math.ceil(times(scale) / 20));
}

const rounds = 15;

export const channelInts: Case = {
  id: "channel-ints",
  title: "A channel of numbers",
  unit: "M/s",
  better: "more",
  rounds,
  bar: absolute("≥ 10 M/s", 10),
  contenders: [
    ours("ints"),
    oursBlocking("ints"),
    messagePort("ints"),
    emptyLoop(),
    ...(library === undefined ? [] : [theirs(library, "ints")]),
    ...rust("Rust, std::sync::mpsc", "ints", more),
  ],
};

export const channelObjects: Case = {
  id: "channel-objects",
  title: "A channel of small objects",
  unit: "M/s",
  better: "more",
  rounds,
  bar: timesRaw("≥", 1.5, "MessagePort"),
  contenders: [
    ours("objects"),
    oursBlocking("objects"),
    messagePort("objects"),
    ...(library === undefined ? [] : [theirs(library, "objects")]),
    ...rust("Rust, std::sync::mpsc", "objects", times),
  ],
};
