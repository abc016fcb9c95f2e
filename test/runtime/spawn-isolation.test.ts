import assert from "node:assert/strict";
import { move, thread } from "fearless-threads";

/** Changes that a closure leaves behind, and how the next one would see them. */
const changes: readonly { readonly what: string; leave(): unknown; sees(): unknown }[] = [
  {
    what: "a new global",
    leave: () => void Reflect.set(globalThis, "leftBehind", 1),
    sees: () => Reflect.has(globalThis, "leftBehind"),
  },
  {
    what: "a hidden global",
    leave: () => void Object.defineProperty(globalThis, "leftBehind", { value: 1 }),
    sees: () => Reflect.has(globalThis, "leftBehind"),
  },
  {
    what: "a deleted global",
    leave: () => void Reflect.deleteProperty(globalThis, "escape"),
    sees: () => !Reflect.has(globalThis, "escape"),
  },
  {
    what: "a global that Node loads late, replaced",
    leave: () => void Object.assign(globalThis, { FormData: 1 }),
    sees: () => typeof FormData !== "function",
  },
  {
    what: "a replaced function of Math",
    leave: () => {
      Math.random = () => 4;
    },
    sees: () => Math.random() === 4,
  },
  {
    what: "a replaced method of an array",
    leave: () => {
      Array.prototype.at = () => "changed" as never;
    },
    sees: () => [1].at(0) !== 1,
  },
  {
    what: "a prototype reached through an object",
    leave: () => {
      const proto: object = Object.getPrototypeOf([].values());
      Object.defineProperty(proto, "leftBehind", { value: 1 });
    },
    sees: () => "leftBehind" in [].values(),
  },
  {
    what: "a prototype that data polluted",
    leave: () => {
      const path = ["__pro", "to__"].join("");
      const target: Record<string, Record<string, unknown>> = {};
      const proto = target[path];
      if (proto !== undefined) proto.leftBehind = 1;
    },
    sees: () => "leftBehind" in {},
  },
  {
    what: "a method of a prototype, by an escaped name",
    leave: () => {
      const words = new Set<string>();
      words["\u0063onstructor"].prototype.has = () => true;
    },
    sees: () => new Set().has(1),
  },
  {
    what: "a replaced getter",
    leave: () => void Object.defineProperty(Map.prototype, "size", { get: () => 7 }),
    sees: () => new Map().size === 7,
  },
  {
    what: "a built-in object that was closed",
    leave: () => void Object.preventExtensions(Math),
    sees: () => !Object.isExtensible(Math),
  },
  {
    what: "a field of the process",
    leave: () => void Reflect.set(process, "leftBehind", 1),
    sees: () => Reflect.has(process, "leftBehind"),
  },
  {
    what: "an exit code",
    leave: () => {
      process.exitCode = 5;
    },
    sees: () => process.exitCode !== undefined,
  },
  {
    what: "a patched console",
    leave: () => {
      console.info = () => {};
    },
    sees: () => console.info.name !== "info",
  },
  {
    what: "what listens to the output",
    leave: () => {
      process.stdout.write = () => true;
    },
    sees: () => Object.hasOwn(process.stdout, "write"),
  },
  {
    what: "an environment variable",
    leave: () => {
      process.env.LEFT_BEHIND = "1";
    },
    sees: () => process.env.LEFT_BEHIND !== undefined,
  },
  {
    what: "a listener of the process",
    leave: () => void process.on("beforeExit", () => {}),
    sees: () => process.listenerCount("beforeExit") > 0,
  },
  {
    what: "an interval",
    leave: () => void setInterval(() => Reflect.set(globalThis, "ticked", 1), 1),
    sees: async () => {
      await new Promise((done) => setTimeout(done, 20));
      return Reflect.has(globalThis, "ticked");
    },
  },
  {
    what: "an interval that keeps nothing alive",
    leave: () => void setInterval(() => Reflect.set(globalThis, "ticked", 1), 1).unref(),
    sees: async () => {
      await new Promise((done) => setTimeout(done, 20));
      return Reflect.has(globalThis, "ticked");
    },
  },
  {
    what: "an open socket",
    leave: async () => {
      const { createServer } = await import("node:net");
      await new Promise<void>((done) => createServer().listen(0, done));
    },
    sees: () => process.getActiveResourcesInfo().includes("TCPServerWrap"),
  },
  {
    what: "a field of the closure itself",
    leave: function left() {
      (left as { count?: number }).count = 1;
    },
    sees: function left() {
      return (left as { count?: number }).count === 1;
    },
  },
];

describe("what a thread changes is not seen by the next one", () => {
  for (const { what, leave, sees } of changes) {
    it(`${what}`, async () => {
      (await thread.spawn(leave as () => void).join()).unwrap();
      assert.equal((await thread.spawn(sees).join()).unwrap(), false);
    });
  }

  it("not a patched method of what may be called without a trace", async () => {
    for (const [leave, sees] of [
      [() => Reflect.set(performance, "now", () => -1), () => performance.now() < 0],
      [() => Reflect.set(console, "info", () => {}), () => console.info.toString() === "() => {}"],
      [() => Reflect.set(console, "left", 1), () => "left" in console],
      [() => Reflect.set(Buffer, "byteLength", () => -1), () => Buffer.byteLength("x") < 0],
    ] as const) {
      (await thread.spawn(leave).join()).unwrap();
      assert.equal((await thread.spawn(sees).join()).unwrap(), false);
    }
  });

  it("nor a timer that goes on, or what one throws", async () => {
    (await thread.spawn(() => void setInterval(() => {}, 1)).join()).unwrap();
    const where = async () => (await import("node:worker_threads")).threadId;
    const first = (await thread.spawn(where).join()).unwrap();
    (await thread.spawn(() => void setInterval(() => {}, 1)).join()).unwrap();
    assert.notEqual((await thread.spawn(where).join()).unwrap(), first);
    const thrown = await thread
      .spawn(() => {
        queueMicrotask(() => {
          throw new Error("late");
        });
      })
      .join();
    assert.equal(thrown.ok, false);
  });

  it("also where the same closure runs again", async () => {
    const leave = () => {
      const seen = Reflect.has(Array, "leftBehind");
      Reflect.set(Array, "leftBehind", 1);
      return seen;
    };
    for (let i = 0; i < 3; i++) assert.equal((await thread.spawn(leave).join()).unwrap(), false);
  });

  it("but what a module holds is: it is imported once in a worker, as it is once in a program", async () => {
    const module = "data:text/javascript,export const state = { count: 0 }";
    const count = async (module: string): Promise<number> => {
      const { state } = await import(module);
      return ++state.count;
    };
    assert.equal((await thread.spawn(move(module), count).join()).unwrap(), 1);
    assert.equal((await thread.spawn(move(module), count).join()).unwrap(), 2);
  });

  it("and so is a symbol of the registry, of which nobody can tell who made it", async () => {
    (await thread.spawn(() => void Symbol.for("left behind")).join()).unwrap();
    assert.equal((await thread.spawn(() => Symbol.keyFor(Symbol.for("left behind"))).join()).unwrap(), "left behind");
  });
});

describe("a worker is used again", () => {
  const where = async () => (await import("node:worker_threads")).threadId;
  const harmless: Readonly<Record<string, () => unknown>> = {
    "after a closure that computes": () => [3, 1].map((n) => Math.sqrt(n) + Number.MAX_VALUE).sort(),
    "after one that imports Node's modules": async () => (await import("node:os")).cpus().length,
    "after one that imports the library": async () => (await import("fearless-threads")).thread.current().id,
    "after one that prints nothing but looks at the environment": () => process.env.PATH,
    "after one that only calls what is there": () => performance.now() + Buffer.byteLength("x") + btoa("y").length,
    "after one that has aborted something": () => AbortSignal.abort().aborted,
    "after a timer that has run": () => new Promise((done) => setTimeout(done, 1)),
    "after one that uses what Node loads late": () => new FormData().has("x"),
  };
  for (const [what, closure] of Object.entries(harmless)) {
    it(what, async () => {
      const first = (await thread.spawn(where).join()).unwrap();
      (await thread.spawn(closure as () => void).join()).unwrap();
      assert.equal((await thread.spawn(where).join()).unwrap(), first);
    });
  }
});
