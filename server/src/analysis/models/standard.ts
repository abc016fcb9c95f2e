/**
 * What the default library and Node do with values that pass through them.
 *
 * Names are those of the interfaces in TypeScript's `lib.*.d.ts` and in `@types/node`. A callable that is not here is
 * unknown code, which takes what it is given; leaving one out can only make the analysis quieter.
 */
import type { LibraryModel, Role } from "./model.js";

const borrow: Role = { kind: "borrow" };
const take: Role = { kind: "take" };
const view: Role = { kind: "view" };
const collect: Role = { kind: "collect" };
const combine: Role = { kind: "combine" };
const then: Role = { kind: "then", passesOn: false };
const handled: Role = { kind: "then", passesOn: true };
const overlay: Role = { kind: "overlay" };
const answer: Role = { kind: "wait", mode: "async", until: "answer" };
const later: Role = { kind: "wait", mode: "async", until: "time" };

/** Views of memory. */
const views =
  "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array " +
  "Float64Array BigInt64Array BigUint64Array DataView";

/** One role for several names of one interface. */
function members(owner: string, roles: Readonly<Record<string, Role>>): Record<string, Role> {
  return Object.fromEntries(Object.entries(roles).map(([name, role]) => [`${owner}.${name}`, role]));
}

function named(names: string, role: Role): Record<string, Role> {
  return Object.fromEntries(names.split(" ").map((name) => [name, role]));
}

/** What makes a view of memory that another object has too. */
function overlays(): Record<string, Role> {
  const calls = views.split(" ").flatMap((view) => [`new ${view}`, `new globalThis.${view}`, `${view}.subarray`]);
  const fills = views
    .split(" ")
    .map((view): [string, Role] => [`${view}.fill`, { kind: "insert", from: 0, returns: "receiver" }]);
  return Object.fromEntries([...calls.map((call): [string, Role] => [call, overlay]), ...fills]);
}

/** What works on words of shared memory, by the two ways in which it is named. */
function atomics(): Record<string, Role> {
  const roles: Record<string, Role> = {
    ...named("load isLockFree", { kind: "cell", does: "read" }),
    ...named("store add sub and or xor", { kind: "cell", does: "change" }),
    ...named("exchange compareExchange", { kind: "cell", does: "exchange" }),
    notify: { kind: "cell", does: "notify" },
    wait: { kind: "wait", mode: "sync", until: "cell" },
    waitAsync: { kind: "wait", mode: "async", until: "cell" },
  };
  return { ...members("Atomics", roles), ...members("globalThis.Atomics", roles) };
}

/** What is in a stack is disposed of with it: a handle is joined, a guard released. */
function disposableStacks(): Record<string, Role> {
  const inside: Record<string, Role> = {
    ...named("use adopt", { kind: "insert", from: 0, returns: "argument" }),
    ...named("dispose disposeAsync [Symbol.dispose] [Symbol.asyncDispose]", { kind: "drop" }),
    move: view,
    defer: borrow,
  };
  const of = (name: string): Record<string, Role> => ({
    [`new ${name}`]: collect,
    [`new globalThis.${name}`]: collect,
    ...members(name, inside),
  });
  return { ...of("DisposableStack"), ...of("AsyncDisposableStack") };
}

const iteration: Readonly<Record<string, Role>> = {
  forEach: { kind: "each", returns: "nothing" },
  ...named("some every", { kind: "each", returns: "nothing" }),
  ...named("findIndex findLastIndex", { kind: "each", returns: "nothing" }),
  ...named("map flatMap", { kind: "each", returns: "results" }),
  filter: { kind: "each", returns: "elements" },
  ...named("find findLast", { kind: "each", returns: "element" }),
  ...named("reduce reduceRight", { kind: "each", returns: "accumulator" }),
};

const reading: Readonly<Record<string, Role>> = {
  ...named("at", take),
  ...named("slice concat values entries flat toReversed toSorted with", view),
  ...named("includes indexOf lastIndexOf join keys toString", borrow),
};

const writing: Readonly<Record<string, Role>> = {
  ...named("push unshift", { kind: "insert", from: 0, returns: "nothing" }),
  ...named("pop shift", take),
  ...named("splice reverse sort toSpliced", view),
  fill: { kind: "insert", from: 0, returns: "receiver" },
};

const iterator: Readonly<Record<string, Role>> = {
  ...iteration,
  ...named("take drop toArray", view),
};

export const standardLibrary: LibraryModel = {
  package: "typescript",
  callables: {
    // `guard[Symbol.dispose]()`: what is called by this name disposes of its receiver, whatever that is.
    "SymbolConstructor.dispose": { kind: "drop" },
    ...members("Array", { ...iteration, ...reading, ...writing }),
    ...members("ReadonlyArray", { ...iteration, ...reading }),
    ...members("IteratorObject", iterator),
    ...members("Iterator", iterator),
    ...named("Generator.next Iterator.next IteratorObject.next", { kind: "next", mode: "sync" }),
    ...named("AsyncGenerator.next AsyncIterator.next", { kind: "next", mode: "async" }),
    ...members("Map", {
      ...named("get", take),
      ...named("values entries", view),
      ...named("has keys clear", borrow),
      set: { kind: "insert", from: 1, returns: "receiver" },
      forEach: { kind: "each", returns: "nothing" },
    }),
    ...members("ReadonlyMap", {
      ...named("get", take),
      ...named("values entries", view),
      ...named("has keys", borrow),
      forEach: { kind: "each", returns: "nothing" },
    }),
    ...members("Set", {
      ...named("values entries keys", view),
      ...named("has clear", borrow),
      add: { kind: "insert", from: 0, returns: "receiver" },
      forEach: { kind: "each", returns: "nothing" },
    }),
    ...members("ReadonlySet", {
      ...named("values entries keys", view),
      has: borrow,
      forEach: { kind: "each", returns: "nothing" },
    }),
    // Globals are known by name where the type checker was not asked about them.
    ...members("globalThis.console", named("log info warn error debug table dir", borrow)),
    ...members("globalThis.Object", { ...named("values entries", collect), keys: borrow }),
    ...members("globalThis.JSON", { stringify: borrow }),
    ...named("globalThis.String globalThis.Boolean", borrow),
    ...members("ArrayConstructor", {
      from: collect,
      of: { kind: "insert", from: 0, returns: "receiver" },
      isArray: borrow,
    }),
    ...members("ObjectConstructor", { ...named("values entries", collect), keys: borrow }),
    ...members("PromiseConstructor", named("all allSettled race any", combine)),
    ...members("Promise", { then, ...named("catch finally", handled) }),
    ...members("Console", named("log info warn error debug table dir", borrow)),
    ...members("JSON", { stringify: borrow }),
    ...disposableStacks(),
    ...overlays(),
    ...atomics(),
    fetch: answer,
    "new Promise": { kind: "executor" },
    "new globalThis.Promise": { kind: "executor" },
    "new globalThis.Set": collect,
    "new globalThis.Map": collect,
  },
  types: {},
  memory: {
    ArrayBuffer: "owner",
    ...Object.fromEntries(views.split(" ").map((view) => [view, "view" as const])),
  },
};

export const node: LibraryModel = {
  package: "@types/node",
  callables: {
    fetch: answer,
    "Scheduler.wait": later,
    ...members("Console", named("log info warn error debug table dir", borrow)),
    ...members("console.Console", named("log info warn error debug table dir", borrow)),
    ...members("Process", named("exit abort", { kind: "exit" })),
    ...members("NodeJS.Process", named("exit abort", { kind: "exit" })),
    ...members("global.NodeJS.Process", named("exit abort", { kind: "exit" })),
  },
  types: {},
};
