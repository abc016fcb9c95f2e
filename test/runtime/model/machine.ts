// Runs the library's own code one operation on shared memory at a time. A thread is a function that is called again from
// its start for each step: operations that it did before give what they gave then, and the next one ends the call.

/** What an operation gave. */
export type Outcome = number | string;

/** An operation on shared memory that a thread is about to do. */
export interface Operation {
  readonly name: "load" | "store" | "exchange" | "compareExchange" | "add" | "and" | "or" | "wait" | "notify" | "now";
  /** The word it is done to, as a number that stands for a place in a buffer. */
  readonly place: number;
  readonly first: number;
  readonly second: number;
  /** Whether it is an access without `Atomics`: no thread is killed right before one. */
  readonly plain: boolean;
}

/** Where a thread has come to. */
export type Position =
  | { readonly at: "operation"; readonly operation: Operation }
  | { readonly at: "end" }
  | { readonly at: "failure"; readonly error: unknown };

/** How `performance.now` goes: not at all, 10 ms further whenever it is asked, or either, so that both are explored. */
export type Clock = "still" | "leaps" | "any";

/** The step that a thread does not do any more in this call. */
class Stopped extends Error {}

interface Run {
  readonly history: readonly Outcome[];
  readonly clock: Clock;
  next: number;
  asked: number;
  pending: Operation | undefined;
}

let run: Run | undefined;
const buffers: ArrayBufferLike[] = [];
const targets = new WeakMap<object, Words>();

type Words = Int32Array | Uint32Array | Float64Array;

/** The number of a word; the same in every view of its buffer. */
function placeOf(words: Words, index: number): number {
  const { buffer, byteOffset, BYTES_PER_ELEMENT } = targets.get(words) ?? words;
  let id = buffers.indexOf(buffer);
  if (id < 0) id = buffers.push(buffer) - 1;
  return id * 2 ** 24 + byteOffset + index * BYTES_PER_ELEMENT;
}

/** What was in a word before the threads started. */
export function initialValue(place: number): number {
  const buffer = buffers[Math.floor(place / 2 ** 24)];
  return buffer === undefined ? 0 : (new Int32Array(buffer)[(place % 2 ** 24) / 4] ?? 0);
}

/** Has a thread do what it did before, and says what it would do next. */
export async function positionAfter(
  thread: () => unknown,
  history: readonly Outcome[],
  clock: Clock,
): Promise<Position> {
  const mine: Run = { history, clock, next: 0, asked: 0, pending: undefined };
  run = mine;
  let position: Position = { at: "end" };
  try {
    await thread();
  } catch (error) {
    position = { at: "failure", error };
  } finally {
    run = undefined;
  }
  return mine.pending === undefined ? position : { at: "operation", operation: mine.pending };
}

/** Does an operation, or gives what it gave; before the threads start, `direct` does it on the real memory. */
function step(operation: () => Operation, direct: () => Outcome): Outcome {
  if (run === undefined) return direct();
  if (run.pending !== undefined) throw new Stopped(); // A `finally` on the way out.
  const outcome = run.history[run.next++];
  if (outcome !== undefined) return outcome;
  run.pending = operation();
  throw new Stopped();
}

function number(
  name: Operation["name"],
  words: Int32Array,
  index: number,
  first: number,
  second: number,
  direct: (words: Int32Array) => number,
  plain = false,
): number {
  const real = targets.get(words) ?? words;
  const outcome = step(
    () => ({ name, place: placeOf(words, index), first, second, plain }),
    () => direct(real as Int32Array),
  );
  return Number(outcome);
}

function waits(words: Int32Array, index: number, expected: number): Outcome {
  return step(
    () => ({ name: "wait", place: placeOf(words, index), first: expected, second: 0, plain: false }),
    () => {
      throw new Error("what is prepared before the threads start cannot wait");
    },
  );
}

/** Stands in for the global `Atomics` in the code that is explored. */
export const modelAtomics = {
  load: (w: Int32Array, i: number): number => number("load", w, i, 0, 0, (real) => Atomics.load(real, i)),
  store: (w: Int32Array, i: number, to: number): number =>
    number("store", w, i, to, 0, (real) => Atomics.store(real, i, to)),
  exchange: (w: Int32Array, i: number, to: number): number =>
    number("exchange", w, i, to, 0, (real) => Atomics.exchange(real, i, to)),
  compareExchange: (w: Int32Array, i: number, from: number, to: number): number =>
    number("compareExchange", w, i, from, to, (real) => Atomics.compareExchange(real, i, from, to)),
  add: (w: Int32Array, i: number, by: number): number => number("add", w, i, by, 0, (real) => Atomics.add(real, i, by)),
  sub: (w: Int32Array, i: number, by: number): number =>
    number("add", w, i, -by, 0, (real) => Atomics.add(real, i, -by)),
  and: (w: Int32Array, i: number, by: number): number => number("and", w, i, by, 0, (real) => Atomics.and(real, i, by)),
  or: (w: Int32Array, i: number, by: number): number => number("or", w, i, by, 0, (real) => Atomics.or(real, i, by)),
  notify: (w: Int32Array, i: number, count: number = Number.POSITIVE_INFINITY): number =>
    number("notify", w, i, count, 0, () => 0),
  wait: (w: Int32Array, i: number, expected: number): Outcome => waits(w, i, expected),
  waitAsync: (w: Int32Array, i: number, expected: number): { async: boolean; value: unknown } => {
    const value = waits(w, i, expected);
    return value === "not-equal" ? { async: false, value } : { async: true, value: Promise.resolve(value) };
  },
};

/** Stands in for the global `performance`. */
export const modelPerformance = {
  now: (): number => {
    if (run === undefined || run.clock === "still") return 0;
    run.asked++;
    if (run.clock === "leaps") return run.asked * 10;
    const operation: Operation = { name: "now", place: -1, first: 0, second: 0, plain: false };
    return Number(
      step(
        () => operation,
        () => 0,
      ),
    );
  },
};

/** Typed arrays whose plain reads and writes are operations as well: each is one step, as if it were atomic. */
function watched<W extends Words>(make: new (...parameters: never[]) => W): unknown {
  return new Proxy(make, {
    construct(target, parameters): object {
      const real: W = Reflect.construct(target, parameters);
      const proxy = new Proxy(real, {
        get(_, key) {
          const index = typeof key === "string" && /^\d+$/.test(key) ? Number(key) : undefined;
          if (index === undefined) {
            const field: unknown = Reflect.get(real, key);
            return typeof field === "function" ? field.bind(real) : field;
          }
          if (index >= real.length) return undefined;
          return number("load", proxy as Int32Array, index, 0, 0, () => real[index] ?? 0, true);
        },
        set(_, key, to) {
          const index = Number(String(key));
          number(
            "store",
            proxy as Int32Array,
            index,
            Number(to),
            0,
            () => {
              real[index] = Number(to);
              return Number(to);
            },
            true,
          );
          return true;
        },
      });
      targets.set(proxy, real);
      return proxy;
    },
  });
}

/** What the code that is explored finds in place of the globals of these names. */
export const globals: Readonly<Record<string, unknown>> = {
  Atomics: modelAtomics,
  performance: modelPerformance,
  Int32Array: watched(Int32Array),
  setInterval: () => ({ ref: () => {}, unref: () => {} }),
  clearInterval: () => undefined,
};
