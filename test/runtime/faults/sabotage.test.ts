import assert from "node:assert/strict";
import { type JoinHandle, ThreadPool, thread } from "fearless-threads";

/** Closures that break what they run in. */
const sabotages: Readonly<Record<string, () => unknown>> = {
  "closes the port that its worker is talked to through": () => {
    const open: { close(): void }[] = Reflect.get(process, "_getActiveHandles")();
    for (const port of open) port.close();
    return { done: true };
  },
  "closes that port by the method of all ports, and waits for ever": async () => {
    const open: object[] = Reflect.get(process, "_getActiveHandles")();
    for (const port of open) Reflect.apply(MessagePort.prototype.close, port, []);
    await new Promise(() => {});
  },
  "closes everything in workerData": async () => {
    const { workerData } = await import("node:worker_threads");
    for (const value of Object.values<{ close?(): void }>(workerData)) value?.close?.();
    return { done: true };
  },
  "closes parentPort": async () => {
    const { parentPort } = await import("node:worker_threads");
    parentPort?.removeAllListeners();
    parentPort?.close();
    return { done: true };
  },
  "removes all listeners of the process": () => {
    process.removeAllListeners();
    return { done: true };
  },
  "removes them and throws later": async () => {
    process.removeAllListeners();
    setTimeout(() => {
      throw new Error("late");
    }, 1);
    await new Promise(() => {});
  },
  "removes them and exits": () => {
    process.removeAllListeners();
    process.exit(2);
  },
  "throws when it exits": () => {
    process.once("exit", () => {
      throw new Error("in exit");
    });
    process.exit(1);
  },
  "sets an exit code": () => {
    process.exitCode = 5;
    return { done: true };
  },
  "changes the working directory": () => process.chdir("/"),
  "has no Atomics any more": () => {
    Reflect.deleteProperty(globalThis, "Atomics");
    return { done: true };
  },
  "has Atomics that do nothing": () => {
    Object.assign(Atomics, { load: () => 0, store: () => 0, compareExchange: () => 7, notify: () => 0 });
    return { done: true };
  },
  "has another Promise": () => {
    Reflect.set(globalThis, "Promise", class {});
    return { done: true };
  },
  "has promises that tell nobody": () => {
    Reflect.set(Promise.prototype, "then", () => {});
    return { done: true };
  },
  "has ports that post nothing": () => {
    MessagePort.prototype.postMessage = () => {};
    Reflect.set(globalThis, "postMessage", () => {});
    return { done: true };
  },
  "has arrays that cannot be pushed to or iterated over": () => {
    const refuse = () => {
      throw new Error("refused");
    };
    Object.assign(Array.prototype, { push: refuse, map: refuse, [Symbol.iterator]: refuse });
    throw new Error("thrown");
  },
  "has emitters that emit nothing": async () => {
    const { EventEmitter } = await import("node:events");
    EventEmitter.prototype.emit = () => false;
    return { done: true };
  },
  "has no performance any more": () => {
    Reflect.deleteProperty(globalThis, "performance");
    return { done: true };
  },
  "has a clock that throws": () => {
    performance.now = () => {
      throw new Error("no time");
    };
    return { done: true };
  },
  "has no process any more": () => {
    Reflect.set(globalThis, "process", undefined);
    return { done: true };
  },
  "has timers that never come": () => {
    Object.assign(globalThis, { setTimeout: () => {}, setImmediate: () => {} });
    return { done: true };
  },
  "has errors that cannot be asked for their class": () => {
    Object.defineProperty(Error, Symbol.hasInstance, {
      value: () => {
        throw new Error("from instanceof");
      },
    });
    throw new TypeError("thrown");
  },
  "has objects with fields that throw": () => {
    const refuse = () => {
      throw new Error("refused");
    };
    for (const field of ["run", "type", "value", "failure", "transfer"])
      Object.defineProperty(Object.prototype, field, { get: refuse, set: refuse, configurable: true });
    return { done: true };
  },
  "freezes what is built in": () => {
    for (const key of Reflect.ownKeys(globalThis)) {
      const value: unknown = Reflect.get(globalThis, key);
      if (typeof value !== "function") continue;
      Object.freeze(value.prototype);
      Object.freeze(value);
    }
    return { done: true };
  },
  "prints, and has an output that prints nothing": () => {
    console.log("printed by a thread that is tested");
    process.stdout.write = () => false;
    return { done: true };
  },
};

/** What a thread sees of what the ones before it might have broken. */
const look = async () => {
  const { EventEmitter } = await import("node:events");
  const isBuiltIn = (method: unknown) => /\{ \[native code\] \}$/.test(String(method));
  const here = [Atomics.load, Promise, Promise.prototype.then, Array.prototype.push, [].values].every(isBuiltIn);
  const emits = new EventEmitter().on("asked", () => {}).emit("asked");
  const open = [Array.prototype, Promise, Object.prototype, globalThis].every((object) => Object.isExtensible(object));
  return [here, emits, open, performance.now() > 0, "value" in {}, process.exitCode, process.listenerCount("exit") > 0];
};
const untouched = [true, true, true, true, false, undefined, true];

describe("where a thread breaks what it runs in, its join settles and the next one sees nothing of it:", function () {
  this.timeout(120_000); // Hardly any of the workers is used twice.
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  for (const [what, sabotage] of Object.entries(sabotages)) {
    it(`one that ${what}`, async () => {
      await thread.spawn(sabotage as () => void).join();
      assert.deepEqual((await thread.spawn(look).join()).unwrap(), untouched);
    });

    it(`one that ${what}, which is joined without waiting for events`, () => {
      thread.spawn(sabotage as () => void).joinSync();
      assert.deepEqual(thread.spawn(look).joinSync().unwrap(), untouched);
    });
  }

  it("in a pool, too", async () => {
    await using pool = new ThreadPool({ size: 1 });
    const looks: JoinHandle<unknown>[] = [];
    const ends: Promise<unknown>[] = [];
    for (const sabotage of Object.values(sabotages)) {
      ends.push(pool.spawn(sabotage as () => void).join());
      looks.push(pool.spawn(look));
    }
    await Promise.all(ends);
    for (const handle of looks) assert.deepEqual((await handle.join()).unwrap(), untouched);
  });

  it("one that closes the port is told that it did", async () => {
    const result = await thread
      .spawn(sabotages["closes the port that its worker is talked to through"] as () => void)
      .join();
    assert.ok(!result.ok);
    assert.match(result.error.message, /closed the port through which this library talks to its thread/);
  });

  it("one that never comes to the end of its exit can be terminated", async () => {
    const handle = thread.spawn(() => {
      process.once("exit", () => {
        for (;;);
      });
      process.exit(1);
    });
    while (!handle.isFinished()) await thread.sleep(1);
    handle.terminate();
    const result = await handle.join();
    assert.ok(!result.ok);
    assert.equal(result.error.kind, "exit");
  });
});
