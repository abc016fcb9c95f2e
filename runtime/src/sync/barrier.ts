import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { assertMayBlock } from "../worker/vigil.js";
import { announce, blockUntil, type Signal, waitUntil } from "./signal.js";
import type { WaitOptions } from "./waiting.js";

const signalOf: unique symbol = Symbol("fearless-threads.barrier");

/** The words of a barrier. How many have arrived is counted on from round to round. */
const at = { sequence: 0, waiting: 1, arrived: 2, size: 3 } as const;

/** What `Barrier.wait` gives. */
export interface BarrierWaitResult {
  /** Whether this thread is the one among all that may do what has to be done once. */
  readonly isLeader: boolean;
}

/**
 * Where a fixed number of threads wait for each other: none goes on before the last one has come. It can be used again
 * for the next round. As in Rust, a thread that never comes is waited for.
 *
 * Source: Rust's `std::sync::Barrier`.
 *
 * @example
 * const barrier = Arc.new(new Barrier(2));
 * const other = thread.spawn(move(barrier.clone()), (barrier) => barrier.waitSync().isLeader);
 * const { isLeader } = await barrier.wait();
 * console.log(isLeader !== (await other.join()).unwrap()); // true
 */
export class Barrier {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Barrier", { shareable: true });
  /** @internal */
  readonly [signalOf]: Signal;

  /**
   * @param size how many threads meet, at least 1.
   * @throws RangeError for any other size.
   */
  constructor(size: number);
  /** @internal */
  constructor(revived: Int32Array);
  constructor(first: number | Int32Array) {
    if (typeof first === "number" && !(Number.isInteger(first) && first >= 1 && first <= 0x7fffffff)) {
      throw new RangeError(`a Barrier is for 1 or more threads, not ${first}`);
    }
    const words = typeof first === "number" ? new Int32Array(new SharedArrayBuffer(16)) : first;
    if (typeof first === "number") words[at.size] = first;
    this[signalOf] = { what: "Barrier", words, sequence: at.sequence, waiting: at.waiting };
  }

  /**
   * Waits for the others without blocking the thread.
   *
   * @throws (rejects with) UseAfterMoveError where the Barrier was moved away; the signal's reason, as soon as it is aborted:
   * then the thread has not come, and another one is waited for in its place.
   * @example
   * const barrier = new Barrier(2);
   * const alone = barrier.wait({ signal: AbortSignal.timeout(5) });
   * await alone.catch((reason) => console.log(reason.name)); // TimeoutError
   * const [one, other] = await Promise.all([barrier.wait(), barrier.wait()]);
   * console.log(one.isLeader !== other.isLeader); // true
   */
  async wait(options?: WaitOptions): Promise<BarrierWaitResult> {
    options?.signal?.throwIfAborted();
    const arrival = arrive(this);
    try {
      if (!arrival.isLeader) await waitUntil(this[signalOf], arrival.isOver, Number.POSITIVE_INFINITY, options?.signal);
    } catch (reason) {
      if (arrival.leave()) throw reason;
    }
    return { isLeader: arrival.isLeader };
  }

  /**
   * Blocks the thread until the others have come.
   *
   * @throws UseAfterMoveError
   * @example
   * const barrier = Arc.new(new Barrier(2));
   * const other = thread.spawn(move(barrier.clone()), (barrier) => barrier.waitSync().isLeader);
   * const { isLeader } = barrier.waitSync();
   * console.log(isLeader !== (await other.join()).unwrap()); // true
   */
  waitSync(): BarrierWaitResult {
    assertMayBlock("wait");
    const arrival = arrive(this);
    if (!arrival.isLeader) blockUntil(this[signalOf], arrival.isOver);
    return { isLeader: arrival.isLeader };
  }

  /** @internal */
  [moveOut](): HandleImage {
    return { kind: "Barrier", data: this[signalOf].words, transfer: [] };
  }
}

registerHandle("Barrier", (data) => new Barrier(data as Int32Array));

/** One thread's part in a round. */
interface Arrival {
  readonly isLeader: boolean;
  /** Whether all have come. */
  readonly isOver: () => true | undefined;
  /** Takes it back, unless all have come. */
  readonly leave: () => boolean;
}

/** The last one to come opens the barrier, and is the leader. */
function arrive(barrier: Barrier): Arrival {
  barrier[life].assert();
  const signal = barrier[signalOf];
  const { words } = signal;
  const size = words[at.size] ?? 1;
  const most = 0x7fffffff - (0x7fffffff % size);
  let before: number;
  let arrived: number;
  do {
    before = Atomics.load(words, at.arrived);
    arrived = before + 1 === most ? 0 : before + 1;
  } while (Atomics.compareExchange(words, at.arrived, before, arrived) !== before);
  const start = before - (before % size);
  const isLeader = before + 1 === start + size;
  if (isLeader) announce(signal);
  // Until all have come, the count stays between where the round began and where it ends.
  const isEnd = (seen: number): boolean => seen <= start || seen >= start + size;
  return {
    isLeader,
    isOver: () => isEnd(Atomics.load(words, at.arrived)) || undefined,
    leave: () => {
      for (;;) {
        const seen = Atomics.load(words, at.arrived);
        if (isEnd(seen)) return false;
        if (Atomics.compareExchange(words, at.arrived, seen, seen - 1) === seen) return true;
      }
    },
  };
}
