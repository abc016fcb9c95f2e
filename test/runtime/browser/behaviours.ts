// What the library does in a browser. The page runs these, one by one, and tells what went wrong; see browser.test.ts.
import { Arc, atomic, Mutex, move, mpsc, RwLock, Semaphore, ThreadPool, thread } from "fearless-threads";

// The tests are compiled without the types of a page.
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}
declare class OffscreenCanvas {
  constructor(width: number, height: number);
  readonly width: number;
  readonly height: number;
  getContext(kind: "2d"): { fillRect(...at: number[]): void; drawImage(bitmap: Bitmap, ...at: number[]): void } | null;
  transferToImageBitmap(): Bitmap;
}
declare class ImageData {
  constructor(width: number, height: number);
  readonly width: number;
}
declare class DOMRect {
  constructor(x: number, y: number, width: number, height: number);
  readonly right: number;
}

function equal(actual: unknown, expected: unknown): void {
  const [is, wanted] = [actual, expected].map((value) => JSON.stringify(value) ?? String(value));
  if (is !== wanted) throw new Error(`expected ${wanted}, got ${is}`);
}

function matches(text: unknown, pattern: RegExp): void {
  if (!pattern.test(String(text))) throw new Error(`expected ${pattern}, got ${String(text)}`);
}

function thrownBy(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error, and there was none");
}

/** The page is cross-origin isolated. */
export const behaviours: Readonly<Record<string, () => Promise<void>>> = {
  "runs a closure on a worker and gives its result": async () => {
    equal((await thread.spawn(() => 6 * 7).join()).unwrap(), 42);
    const isWorker = thread.spawn(() => typeof Reflect.get(globalThis, "document"));
    equal((await isWorker.join()).unwrap(), "undefined");
  },
  "moves values: copies data, transfers memory": async () => {
    const data = { list: [1, 2], at: new Date(0), map: new Map([["k", new Set([1n])]]) };
    const bytes = new Uint8Array([1, 2, 3]);
    const handle = thread.spawn(move(data, bytes), (data, bytes) => [
      data.list.length + bytes.length,
      data.at.getTime(),
      data.map.get("k")?.has(1n),
    ]);
    equal((await handle.join()).unwrap(), [5, 0, true]);
    equal(bytes.byteLength, 0);
    matches(
      thrownBy(() => thread.spawn(move({ deep: [() => 1] } as object), () => 1)),
      /NotSendError: move\[0\].deep\[0\]: function/,
    );
  },
  "gives a panic with its place, its stack and what was thrown": async () => {
    thread.setPanicHook(() => {});
    const handle = thread.spawn(() => {
      throw Object.assign(new RangeError("too far"), { code: "E_FAR" });
    });
    const result = await handle.join();
    thread.setPanicHook(undefined);
    if (result.ok) throw new Error("expected a panic");
    const { kind, message, position, cause } = result.error;
    equal([kind, message], ["thrown", "too far"]);
    const isMapped = Reflect.has(globalThis, "withSourceMaps");
    matches(position?.file, isMapped ? /^http:\/\/[^/]+\/.*\/behaviours\.ts$/ : /^http:\/\/[^/]+\/.*\.js$/);
    equal(cause instanceof Error ? [cause.name, Reflect.get(cause, "code")] : [], ["RangeError", "E_FAR"]);
    const text = (await (await fetch(position?.file ?? "")).text()).split("\n")[(position?.line ?? 0) - 1];
    matches(text, /too far/);
  },
  "tells of an error nobody caught, and of a thread that closes itself": async () => {
    thread.setPanicHook(() => {});
    const late = thread.spawn(() => {
      setTimeout(() => {
        throw new Error("in a timer");
      });
      return new Promise<number>(() => {});
    });
    const rejected = thread.spawn(() => {
      void Promise.reject(new Error("nobody looks"));
      return new Promise<number>(() => {});
    });
    const closed = thread.spawn(() => {
      Reflect.get(globalThis, "close")();
      return new Promise<number>(() => {});
    });
    const panics = await Promise.all([late.join(), rejected.join(), closed.join()]);
    thread.setPanicHook(undefined);
    equal(
      panics.map((panic) => (panic.ok ? "" : panic.error.kind)),
      ["thrown", "thrown", "exit"],
    );
  },
  "ends a thread that runs for ever": async () => {
    thread.setPanicHook(() => {});
    const handle = thread.spawn(() => {
      for (;;);
    });
    handle.terminate();
    const result = await handle.join();
    thread.setPanicHook(undefined);
    equal(result.ok ? "" : result.error.kind, "terminated");
  },
  "names threads, and has no stack sizes": async () => {
    const named = new thread.Builder().name("cook").spawn(() => Reflect.get(globalThis, "name"));
    equal((await named.unwrap().join()).unwrap(), "cook");
    const sized = new thread.Builder().stackSize(1 << 22).spawn(() => 1);
    if (sized.ok) throw new Error("expected an Err");
    matches(sized.error.message, /a browser gives every worker the same stack and heap/);
  },
  "joins the threads of a scope": async () => {
    const handles = await thread.scope((s) => [1, 2, 3].map((n) => s.spawn(move(n), (n) => n)));
    equal(
      handles.map((handle) => handle.isFinished()),
      [true, true, true],
    );
  },
  "starts threads from threads, with the library imported inside": async () => {
    const handle = thread.spawn(async () => {
      const { thread, move } = await import("fearless-threads");
      const inner = thread.spawn(move(20), (n) => n + 1);
      return (await inner.join()).unwrap() * 2;
    });
    equal((await handle.join()).unwrap(), 42);
  },
  "imports a file of the page inside a thread": async () => {
    const handle = thread.spawn(move("./answer.js"), async (file) => {
      const module: { answer: number } = await import(file);
      return module.answer;
    });
    equal((await handle.join()).unwrap(), 42);
  },
  "sends what browsers can send": async () => {
    const canvas = new OffscreenCanvas(2, 3);
    const other = new OffscreenCanvas(2, 3);
    other.getContext("2d")?.fillRect(0, 0, 1, 1);
    const bitmap = other.transferToImageBitmap();
    const file = new File(["text"], "name.txt");
    const handle = thread.spawn(
      move({ canvas, bitmap }, new ImageData(4, 5), file, new DOMRect(1, 2, 3, 4)),
      async ({ canvas, bitmap }, image, file, rect) => {
        const sizes = [canvas.width, bitmap.height, image.width, rect.right];
        canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
        return { sizes, name: file.name, text: await file.text(), picture: canvas.transferToImageBitmap(), rect };
      },
    );
    const { sizes, name, text, picture, rect } = (await handle.join()).unwrap();
    equal([...sizes, name, text, picture.width, rect instanceof DOMRect], [2, 3, 4, 4, "name.txt", "text", 2, true]);
    equal(bitmap.width, 0);
  },
  "runs a pool's tasks in order": async () => {
    await using pool = new ThreadPool({ size: 2 });
    equal(await pool.map([1, 2, 3, 4, 5], (n) => n * n), [1, 4, 9, 16, 25]);
  },
  "lets threads and the page take turns with a Mutex": async () => {
    const counter = Arc.new(new Mutex(0));
    const handles = [1, 2, 3].map(() =>
      thread.spawn(move(counter.clone()), async (counter) => {
        for (let i = 0; i < 500; i++) {
          using n = (i % 2 === 0 ? await counter.lock() : counter.lockSync()).unwrap();
          n.value += 1;
        }
      }),
    );
    for (let i = 0; i < 200; i++) {
      using n = (await counter.lock()).unwrap();
      n.value += 1;
    }
    for (const handle of handles) (await handle.join()).unwrap();
    using n = (await counter.lock()).unwrap();
    equal(n.value, 1700);
  },
  "keeps any data in a Mutex": async () => {
    const cycle: { self?: unknown; text: string } = { text: "ä\ud800", self: undefined };
    cycle.self = cycle;
    const value = {
      cycle,
      list: [1, -0, Number.NaN, null, undefined, 2n, true],
      map: new Map<unknown, unknown>([[{ a: 1 }, new Set(["x"])]]),
      when: new Date(5),
      pattern: /a+/gi,
      bytes: new Uint8Array([7, 8]),
      error: new TypeError("wrong", { cause: "why" }),
    };
    const mutex = Arc.new(new Mutex(value));
    const handle = thread.spawn(move(mutex.clone()), async (mutex) => {
      using guard = (await mutex.lock()).unwrap();
      const { cycle, list, map, when, pattern, bytes, error } = guard.value;
      const seen = [
        cycle.self === cycle,
        cycle.text === "ä\ud800",
        list.length,
        Object.is(list[1], -0),
        Number.isNaN(list[2]),
        list[4] === undefined,
        list[5] === 2n,
        [...map][0]?.[1] instanceof Set,
        when.getTime(),
        String(pattern),
        [...bytes],
        error instanceof TypeError && error.message,
        error.cause,
      ];
      guard.value.list = ["changed" as never];
      return seen;
    });
    equal((await handle.join()).unwrap(), [
      ...[true, true, 7, true, true, true, true, true, 5, "/a+/gi", [7, 8], "wrong", "why"],
    ]);
    using guard = (await mutex.lock()).unwrap();
    equal(guard.value.list, ["changed"]);
  },
  "poisons the lock of a thread that panics, and of one that is killed": async () => {
    thread.setPanicHook(() => {});
    const lock = Arc.new(new Mutex(1));
    const panics = thread.spawn(move(lock.clone()), async (lock) => {
      using guard = (await lock.lock()).unwrap();
      throw new Error(`with ${guard.value}`);
    });
    equal((await panics.join()).ok, false);
    equal(lock.isPoisoned(), true);
    const other = Arc.new(new Mutex(1));
    const holds = Arc.new(new atomic.AtomicBool(false));
    const killed = thread.spawn(move(other.clone(), holds.clone()), async (lock, holds) => {
      (await lock.lock()).unwrap();
      holds.store(true);
      for (;;);
    });
    while (!holds.load()) await thread.sleep(5);
    killed.terminate();
    equal((await killed.join()).ok, false);
    thread.setPanicHook(undefined);
    equal((await other.lock()).isErr(), true);
  },
  "shares atomics, read-write locks and semaphores": async () => {
    const hits = new atomic.AtomicI32(0);
    const lock = Arc.new(new RwLock([1]));
    const semaphore = Arc.new(new Semaphore(1));
    const shared = Arc.new(hits);
    const handles = [1, 2].map((n) =>
      thread.spawn(move(n, shared.clone(), lock.clone(), semaphore.clone()), async (n, hits, lock, semaphore) => {
        using _permit = await semaphore.acquire();
        using list = (await lock.write()).unwrap();
        list.value = [...list.value, n];
        hits.fetchAdd(1);
      }),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    using list = (await lock.read()).unwrap();
    equal([shared.load(), list.value.length], [2, 3]);
  },
  "passes messages from threads to the page, in order": async () => {
    const [tx, rx] = mpsc.channel<number>();
    const producer = thread.spawn(move(tx), (tx) => {
      for (let i = 0; i < 1000; i++) tx.send(i).unwrap();
    });
    let next = 0;
    for await (const n of rx) equal(n, next++);
    (await producer.join()).unwrap();
    equal(next, 1000);
  },
  "passes messages between threads, with several senders": async () => {
    const [tx, rx] = mpsc.channel<{ readonly from: number; readonly n: number }>();
    const producers = [0, 1].map((from) =>
      thread.spawn(move(from, tx.clone()), async (from, tx) => {
        for (let n = 0; n < 300; n++) {
          tx.send({ from, n }).unwrap();
          if (n % 100 === 0) await new Promise((done) => setTimeout(done));
        }
      }),
    );
    tx[Symbol.dispose]();
    const consumer = thread.spawn(move(rx), async (rx) => {
      const last = [-1, -1];
      let inOrder = true;
      for await (const { from, n } of rx) {
        inOrder &&= last[from] === n - 1;
        last[from] = n;
      }
      return [inOrder, ...last];
    });
    equal((await consumer.join()).unwrap(), [true, 299, 299]);
    for (const producer of producers) (await producer.join()).unwrap();
  },
  "transfers memory through a channel": async () => {
    const [tx, rx] = mpsc.channel<Uint8Array<ArrayBuffer>>();
    const producer = thread.spawn(move(tx), (tx) => {
      for (let i = 0; i < 3; i++) {
        const bytes = new Uint8Array(1000).fill(i);
        tx.send(bytes).unwrap();
        if (bytes.byteLength !== 0) throw new Error("it is still here");
      }
    });
    const sums: number[] = [];
    for await (const bytes of rx) sums.push(bytes.reduce((a, b) => a + b, 0));
    (await producer.join()).unwrap();
    equal(sums, [0, 1000, 2000]);
  },
  "says that one who blocks cannot receive memory, and keeps it for one who awaits": async () => {
    const [tx, rx] = mpsc.channel<Uint8Array<ArrayBuffer>>();
    tx.send(new Uint8Array(3)).unwrap();
    const handle = thread.spawn(move(rx), async (rx) => {
      let why = "";
      try {
        rx.recvSync();
      } catch (error) {
        why = String(error);
      }
      return [why, (await rx.recv()).unwrap().length] as const;
    });
    const [why, length] = (await handle.join()).unwrap();
    matches(why, /TypeError: .*use `await recv\(\)`/);
    equal(length, 3);
  },
  "waits for room in a bounded channel": async () => {
    const [tx, rx] = mpsc.syncChannel<number>(2);
    const producer = thread.spawn(move(tx), async (tx) => {
      for (let i = 0; i < 20; i++) (await tx.send(i)).unwrap();
    });
    const got: number[] = [];
    for await (const n of rx) got.push(n);
    (await producer.join()).unwrap();
    equal(got, [...Array(20).keys()]);
  },
  "hands out locks that block, inside threads": async () => {
    const handle = thread.spawn(async () => {
      const { thread, Mutex, Condvar, atomic } = await import("fearless-threads");
      thread.sleepSync(1);
      using guard = new Mutex(1).lockSync().unwrap();
      return [guard.value, new Condvar() instanceof Condvar, new atomic.AtomicI32(2).load()];
    });
    equal((await handle.join()).unwrap(), [1, true, 2]);
  },
  "parks and unparks": async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      await thread.park();
      return thread.current().id > 0;
    });
    handle.thread().unpark();
    equal((await handle.join()).unwrap(), true);
  },
  "does not let the page block": async () => {
    const lock = new Mutex(0);
    const [, rx] = mpsc.channel<number>();
    const handle = thread.spawn(() => 1);
    for (const f of [
      () => lock.lockSync(),
      () => new RwLock(0).readSync(),
      () => new RwLock(0).writeSync(),
      () => new Semaphore(1).acquireSync(),
      () => rx.recvSync(),
      () => thread.sleepSync(1),
      () => thread.parkTimeoutSync(1),
      () => handle.joinSync(),
    ]) {
      matches(thrownBy(f), /a browser does not let its main thread block/);
    }
    equal((await handle.join()).unwrap(), 1);
  },
  "ends what a thread leaves running": async () => {
    const ticks = Arc.new(new atomic.AtomicI32(0));
    const handle = thread.spawn(move(ticks.clone()), (ticks) => {
      const timer = setTimeout(() => {}, 10_000);
      clearTimeout(timer);
      setInterval(() => ticks.fetchAdd(1), 1);
      return new Promise<void>((done) => setTimeout(done, 20));
    });
    (await handle.join()).unwrap();
    const then = ticks.load();
    await thread.sleep(50);
    equal([then > 0, ticks.load()], [true, then]);
  },
  "uses a worker again, and keeps few": async () => {
    const workers = new Set<number>();
    for (let i = 0; i < 50; i++) workers.add((await thread.spawn(() => performance.timeOrigin).join()).unwrap());
    equal(workers.size, 1);
  },
};

/** The page is not cross-origin isolated. */
export const withoutIsolation: Readonly<Record<string, () => Promise<void>>> = {
  "says which two headers to send": async () => {
    for (const f of [() => thread.spawn(() => 1), () => new Mutex(0), () => mpsc.channel()]) {
      matches(thrownBy(f), /Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/s);
    }
    matches(
      thrownBy(() => thread.spawn(() => 1)),
      /^SpawnError/,
    );
    equal(new thread.Builder().spawn(() => 1).ok, false);
  },
};

/** The page's content security policy lets no worker start from a Blob. */
export const withoutWorkers: Readonly<Record<string, () => Promise<void>>> = {
  "says what the content security policy has to allow": async () => {
    thread.setPanicHook(() => {});
    const result = await thread.spawn(() => 1).join();
    matches(result.ok ? "" : result.error.message, /did not start.*worker-src blob: and script-src 'unsafe-eval'/);
  },
};
