import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { assertMayBlock } from "../worker/vigil.js";
import { announce, blockUntil, type Signal, waitUntil } from "./signal.js";

const signalOf: unique symbol = Symbol("fearless-threads.barrier");

/** The words of a barrier; the round is another when all have come. */
const at = { sequence: 0, waiting: 1, arrived: 2, size: 3, round: 4 } as const;

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
    const words = typeof first === "number" ? new Int32Array(new SharedArrayBuffer(20)) : first;
    if (typeof first === "number") words[at.size] = first;
    this[signalOf] = { words, sequence: at.sequence, waiting: at.waiting };
  }

  /**
   * Waits for the others without blocking the thread.
   *
   * @throws (rejects with) UseAfterMoveError where the Barrier was moved away.
   * @example
   * const barrier = new Barrier(1);
   * console.log((await barrier.wait()).isLeader); // true
   */
  async wait(): Promise<BarrierWaitResult> {
    const arrival = arrive(this);
    if (!arrival.isLeader) await waitUntil(this[signalOf], arrival.isOver);
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

/** The last one to come opens the barrier, and is the leader. */
function arrive(barrier: Barrier): { readonly isLeader: boolean; readonly isOver: () => true | undefined } {
  barrier[life].assert();
  const signal = barrier[signalOf];
  const { words } = signal;
  const round = Atomics.load(words, at.round);
  const isLeader = Atomics.add(words, at.arrived, 1) + 1 === words[at.size];
  if (isLeader) {
    Atomics.store(words, at.arrived, 0);
    Atomics.add(words, at.round, 1);
    announce(signal);
  }
  return { isLeader, isOver: () => Atomics.load(words, at.round) !== round || undefined };
}
