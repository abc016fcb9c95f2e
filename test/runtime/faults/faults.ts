// What can go wrong in a thread, each as the closure in which it does.
import type { PanicKind } from "fearless-threads";

/** A closure that ends badly. */
export interface Fault {
  readonly what: string;
  readonly closure: () => unknown;
  readonly kind: PanicKind;
  readonly message: RegExp;
}

export const faults: readonly Fault[] = [
  {
    what: "throws",
    closure: () => {
      throw new TypeError("thrown");
    },
    kind: "thrown",
    message: /^thrown$/,
  },
  {
    what: "throws null",
    closure: () => {
      throw null;
    },
    kind: "thrown",
    message: /^threw null$/,
  },
  {
    what: "throws undefined",
    closure: () => {
      throw undefined;
    },
    kind: "thrown",
    message: /^threw undefined$/,
  },
  {
    what: "throws a symbol",
    closure: () => {
      throw Symbol("s");
    },
    kind: "thrown",
    message: /^threw Symbol\(s\)$/,
  },
  {
    what: "throws a function",
    closure: () => {
      throw () => 1;
    },
    kind: "thrown",
    message: /^threw .*\(\) ?=> ?1/,
  },
  {
    what: "throws a bigint",
    closure: () => {
      throw 10n;
    },
    kind: "thrown",
    message: /^threw 10$/,
  },
  {
    what: "throws an object without a prototype",
    closure: () => {
      throw Object.create(null);
    },
    kind: "thrown",
    message: /^threw \{\}$/,
  },
  {
    what: "throws an object that cannot be printed",
    closure: () => {
      const value: Record<string, unknown> = {
        toString: () => {
          throw new Error("not this either");
        },
      };
      value.self = value;
      throw value;
    },
    kind: "thrown",
    message: /^threw an object/,
  },
  {
    what: "throws a frozen error",
    closure: () => {
      throw Object.freeze(new RangeError("frozen"));
    },
    kind: "thrown",
    message: /^frozen$/,
  },
  {
    what: "throws an error without a stack",
    closure: () => {
      const error = new Error("no stack");
      Reflect.deleteProperty(error, "stack");
      throw error;
    },
    kind: "thrown",
    message: /^no stack$/,
  },
  {
    what: "throws an error whose stack throws",
    closure: () => {
      const error = new Error("bad stack");
      Object.defineProperty(error, "stack", {
        get() {
          throw new Error("from the stack");
        },
      });
      throw error;
    },
    kind: "thrown",
    message: /^bad stack$/,
  },
  {
    what: "throws an error whose message throws",
    closure: () => {
      const error = new Error();
      Object.defineProperty(error, "message", {
        get() {
          throw new Error("from the message");
        },
      });
      throw error;
    },
    kind: "thrown",
    message: /^$/,
  },
  {
    what: "throws an error with a name that is no string, and a message that is none",
    closure: () => {
      throw Object.assign(new Error("x"), { name: { toString: null }, message: Symbol("m") });
    },
    kind: "thrown",
    message: /^$/,
  },
  {
    what: "throws an error that is its own cause",
    closure: () => {
      const error = new Error("round");
      error.cause = error;
      throw error;
    },
    kind: "thrown",
    message: /^round$/,
  },
  {
    what: "throws a proxy whose every trap throws",
    closure: () => {
      const trap = () => {
        throw new Error("from a trap");
      };
      throw new Proxy(new Error("hidden"), {
        get: trap,
        has: trap,
        getPrototypeOf: trap,
        ownKeys: trap,
        getOwnPropertyDescriptor: trap,
      });
    },
    kind: "thrown",
    message: /^threw an object/,
  },
  {
    what: "throws a revoked proxy",
    closure: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      throw proxy;
    },
    kind: "thrown",
    message: /^threw an object/,
  },
  {
    what: "throws in a timer",
    closure: async () => {
      setTimeout(() => {
        throw new Error("in a timer");
      }, 1);
      await new Promise(() => {});
    },
    kind: "thrown",
    message: /^in a timer$/,
  },
  {
    what: "throws in a microtask",
    closure: async () => {
      queueMicrotask(() => {
        throw new Error("in a microtask");
      });
      await new Promise(() => {});
    },
    kind: "thrown",
    message: /^in a microtask$/,
  },
  {
    what: "throws in nextTick",
    closure: async () => {
      process.nextTick(() => {
        throw null;
      });
      await new Promise(() => {});
    },
    kind: "thrown",
    message: /^threw null$/,
  },
  {
    what: "throws in an event handler",
    closure: async () => {
      const target = new EventTarget();
      target.addEventListener("go", () => {
        throw new Error("in a handler");
      });
      target.dispatchEvent(new Event("go"));
      await new Promise(() => {});
    },
    kind: "thrown",
    message: /^in a handler$/,
  },
  {
    what: "leaves a rejection unhandled",
    closure: async () => {
      void Promise.reject(new Error("unhandled"));
      await new Promise(() => {});
    },
    kind: "thrown",
    message: /^unhandled$/,
  },
  {
    what: "leaves a rejection unhandled whose reason is a revoked proxy",
    closure: async () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      void Promise.reject(proxy);
      await new Promise(() => {});
    },
    kind: "thrown",
    message: /./,
  },
  {
    what: "calls process.exit",
    closure: () => process.exit(3),
    kind: "exit",
    message: /process\.exit\(3\)/,
  },
  {
    what: "calls process.exit later",
    closure: async () => {
      setTimeout(() => process.exit(0), 1);
      await new Promise(() => {});
    },
    kind: "exit",
    message: /process\.exit\(0\)/,
  },
  {
    what: "calls process.abort, which workers do not have",
    closure: () => process.abort(),
    kind: "thrown",
    message: /process\.abort\(\) is not supported in workers/,
  },
  {
    what: "has a full stack",
    closure: () => {
      const dive = (): number => dive() + 1;
      return dive();
    },
    kind: "stack-overflow",
    message: /Maximum call stack/,
  },
  {
    what: "has a full stack inside a promise",
    closure: async () => {
      await null;
      const dive = (): number => dive() + 1;
      return dive();
    },
    kind: "stack-overflow",
    message: /Maximum call stack/,
  },
  {
    what: "returns a function",
    closure: () => () => 1,
    kind: "unsendable-result",
    message: /^the result: function/,
  },
  {
    what: "returns a revoked proxy",
    closure: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return [proxy];
    },
    kind: "unsendable-result",
    message: /./,
  },
  {
    what: "returns a proxy",
    closure: () => [new Proxy({ a: 1 }, {})],
    kind: "unsendable-result",
    message: /^the result: .*could not be cloned/,
  },
  {
    what: "returns an object with a getter that throws",
    closure: () => ({
      get broken() {
        throw new Error("from the getter");
      },
    }),
    kind: "unsendable-result",
    message: /from the getter/,
  },
  {
    what: "returns a result whose then throws",
    closure: () => ({
      // biome-ignore lint/suspicious/noThenProperty: it is what is tested
      get then() {
        throw new Error("from then");
      },
    }),
    kind: "thrown",
    message: /^from then$/,
  },
  {
    what: "ends its worker behind the library's back",
    closure: async () => {
      const { parentPort } = await import("node:worker_threads");
      parentPort?.close();
      Reflect.apply(Reflect.get(process, "reallyExit"), process, [7]);
    },
    kind: "terminated",
    message: /./,
  },
];
