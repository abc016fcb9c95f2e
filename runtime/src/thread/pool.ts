import type { ThreadPanic } from "../errors.js";
import { isTraced } from "../trace/trace.js";
import { Moved } from "../transport/move.js";
import type { Sendable, SendableResult } from "../transport/types.js";
import { parkSlot, takeSlot } from "../worker/parking.js";
import { hasRoom, takeBack } from "../worker/sending.js";
import { endSlot, type Slot } from "../worker/slot.js";
import { whileBlocked } from "../worker/vigil.js";
import { spawnArguments } from "./arguments.js";
import { type Closure, closureAt } from "./closureAt.js";
import type { JoinHandle } from "./joinHandle.js";
import { prepare } from "./launch.js";
import { Line } from "./line.js";
import type { Outcome } from "./outcome.js";
import { Queued, type QueueHost } from "./queued.js";
import { availableParallelism } from "./time.js";

/** How a `ThreadPool` is made. */
export interface ThreadPoolOptions {
  /** How many of its threads run at the same time, at least 1; `availableParallelism()` where this is absent. */
  readonly size?: number;
  /** The name of its threads, shown in panics, traces and debuggers. */
  readonly name?: string;
  /** When it is aborted, threads that wait for their turn do not start, and those that run are asked to stop. */
  readonly signal?: AbortSignal;
}

/**
 * Runs any number of closures, so many at a time: the others wait for their turn, in order. Workers are used again.
 *
 * Source: Rust's `threadpool` and `rayon`; the standard library has none.
 *
 * @example
 * await using pool = new ThreadPool({ size: 4, name: "cook" });
 * const handle = pool.spawn(move(["soup", "bread"]), (order) => order.length);
 * const squares = await pool.map([1, 2, 3], (n) => n * n);
 * console.log((await handle.join()).unwrap(), squares.join()); // 2 1,4,9
 */
export class ThreadPool {
  /** How many of its threads run at the same time. */
  readonly size: number;
  /** The name of its threads. */
  readonly name: string | undefined;
  /** Those whose turn has not come, from `#first` on. */
  #waiting: Queued[] = [];
  #first = 0;
  readonly #places: Place[] = [];
  /** Those that have not ended, and those whose panic nobody may have looked at. */
  readonly #tasks = new Line<Queued>();
  readonly #host: QueueHost = {
    release: (task, state) => this.#release(task, state),
    ended: (task, result) => this.#ended(task, result),
    takeBack: (task) => this.#takeBackFor(task),
    doom: (task) => this.#doom(task),
    blockOnce: (task) => this.#blockOnce(task),
    separate: (task) => this.#separate(task),
  };
  readonly #signal: AbortSignal | undefined;
  /** Listens to the signal while there are threads. */
  readonly #abort = (): void => {
    for (const task of this.#tasks.values()) task.abort(this.#signal?.reason);
  };
  #open = true;
  /** Whether it will be looked after which workers have nothing to do. */
  #settling = false;

  /** @throws RangeError unless the size is a whole number of at least 1. */
  constructor({ size = availableParallelism(), name, signal }: ThreadPoolOptions = {}) {
    if (!(Number.isInteger(size) && size >= 1)) throw new RangeError(`a pool has 1 or more threads, not ${size}`);
    this.size = size;
    this.name = name;
    this.#signal = signal;
  }

  /**
   * Runs a closure on a thread of the pool when it is its turn. What is moved is moved now. The pool joins it: nobody has
   * to join the handle.
   *
   * @throws SpawnError, NotSendError, UseAfterMoveError as `thread.spawn` does; Error where the pool was disposed of.
   * @example
   * await using pool = new ThreadPool({ size: 2 });
   * const handle = pool.spawn(move(6, 7), (a, b) => a * b);
   * console.log((await handle.join()).unwrap()); // 42
   */
  spawn<R>(f: () => SendableResult<R>): JoinHandle<Awaited<R>>;
  spawn<M extends Moved, R>(moved: M, f: (...parameters: M["values"]) => SendableResult<R>): JoinHandle<Awaited<R>>;
  spawn(first: unknown, second?: unknown): JoinHandle<unknown> {
    const { moved, f } = spawnArguments(first, second);
    return this.#submit(moved, closureAt(f, this.spawn));
  }

  #submit(moved: Moved | undefined, closure: Closure): JoinHandle<unknown> {
    if (!this.#open) throw new Error("this pool was disposed of; spawn before that");
    const task = new Queued(prepare(this.name, moved, closure), this.#host);
    if (this.#isAnyWaiting() || this.#freePlace() === undefined) task.own();
    const isFirst = this.#tasks.isEmpty;
    task.standing = this.#tasks.add(task);
    this.#waiting.push(task);
    if (this.#signal?.aborted === true) task.abort(this.#signal.reason);
    else if (isFirst) this.#signal?.addEventListener("abort", this.#abort, { once: true });
    this.#giveOut();
    return task.handle;
  }

  /**
   * Runs `f` for each value on a thread of the pool.
   *
   * @returns what `f` returned, in the order of the values.
   * @throws (rejects with) the first ThreadPanic, when all have ended; SpawnError; NotSendError; UseAfterMoveError.
   * @example
   * await using pool = new ThreadPool();
   * console.log((await pool.map(["a", "bb"], (word) => word.length)).join()); // 1,2
   */
  async map<T, R>(values: Iterable<Sendable<T>>, f: (value: T) => SendableResult<R>): Promise<Awaited<R>[]> {
    const closure = closureAt(f, this.map);
    const handles = Array.from(values, (value) => this.#submit(new Moved([value]), closure));
    const results = await Promise.all(handles.map((handle) => handle.join()));
    return results.map((result) => result.unwrap() as Awaited<R>);
  }

  /**
   * Waits until all that was spawned has ended, and keeps the process alive until then.
   *
   * @throws (rejects with) the first ThreadPanic of a thread that nobody joined.
   * @example
   * const pool = new ThreadPool({ size: 2 });
   * for (const word of ["a", "b"]) pool.spawn(move(word), (word) => word.length);
   * await pool.join();
   */
  async join(): Promise<void> {
    let first: ThreadPanic | undefined;
    for (let at = this.#tasks.first; at !== undefined; at = this.#tasks.first) {
      const { handle } = at.value;
      const lookedAt = handle.isLookedAt();
      const result = await handle.join();
      this.#tasks.remove(at);
      if (!result.ok && !lookedAt) first ??= result.error;
    }
    if (first !== undefined) throw first;
  }

  /** At the end of an `await using`: takes nothing more and joins. @throws ThreadPanic as `join` rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    await this.join();
  }

  /** Gives out work, and that of workers that have much to those that have none. */
  #next(): void {
    do this.#giveOut();
    while (!this.#isAnyWaiting() && this.#rebalance());
  }

  /** Gives out work: to workers that have none, then, to be taken up without a pause, to those that are busy. */
  #giveOut(): void {
    for (let task = this.#waiting[this.#first]; task !== undefined; task = this.#waiting[this.#first]) {
      if (task.isFinished()) {
        this.#first++;
        continue;
      }
      const place = this.#freePlace() ?? (task.mayWaitInWorker && !isTraced() ? this.#busyPlace() : undefined);
      if (place === undefined) return;
      this.#first++;
      this.#start(task, place === "new" ? this.#addPlace() : place);
    }
    if (this.#first > 0) this.#waiting = [];
    this.#first = 0;
  }

  #isAnyWaiting(): boolean {
    return this.#first < this.#waiting.length;
  }

  #freePlace(): Place | "new" | undefined {
    return (
      this.#places.find(({ tasks, doomed }) => tasks.length === 0 && !doomed) ??
      (this.#places.length < this.size ? "new" : undefined)
    );
  }

  /**
   * The place with the fewest tasks of those that may have one more. Behind one that cannot be taken back none waits, since
   * those behind are taken back together with it.
   */
  #busyPlace(): Place | undefined {
    let best: Place | undefined;
    for (const place of this.#places) {
      if (place.doomed || place.tasks[0]?.isBound === true) continue;
      if (place.tasks.length < (best?.tasks.length ?? Number.POSITIVE_INFINITY) && hasRoom(place.slot)) best = place;
    }
    return best;
  }

  #addPlace(): Place {
    const slot = takeSlot({ stackSize: undefined, maxHeap: undefined }, this.name);
    const place: Place = { slot, tasks: [], doomed: false };
    this.#places.push(place);
    busy.add(this.#poll);
    return place;
  }

  #start(task: Queued, place: Place): void {
    const turn = place.tasks.length === 0 ? "now" : "next";
    place.tasks.push(task);
    task.startIn(place.slot, turn);
  }

  /** Where a worker has nothing to do: takes back what waits in another one. Returns whether there is something. */
  #rebalance(): boolean {
    if (this.#freePlace() === undefined) return false;
    let fullest: Place | undefined;
    for (const place of this.#places) if (place.tasks.length > (fullest?.tasks.length ?? 1)) fullest = place;
    return fullest !== undefined && this.#takeBack(fullest);
  }

  /** Puts those that wait in a worker back to the front. Returns whether there were any. */
  #takeBack(place: Place): boolean {
    const started = takeBack(place.slot);
    const waits = ({ running }: Queued) => running !== undefined && running.run > started;
    const back = place.tasks.filter(waits);
    place.tasks = place.tasks.filter((task) => !waits(task));
    for (const task of back) task.withdraw();
    this.#waiting = [...back, ...this.#waiting.slice(this.#first)];
    this.#first = 0;
    return back.length > 0;
  }

  #takeBackFor(task: Queued): void {
    const place = this.#places.find(({ tasks }) => tasks.includes(task));
    if (place !== undefined) this.#takeBack(place);
  }

  #doom(task: Queued): void {
    const place = this.#places.find(({ tasks }) => tasks.includes(task));
    if (place === undefined) return;
    place.doomed = true;
    if (this.#takeBack(place)) this.#next();
  }

  #separate(task: Queued): boolean {
    const place = this.#leavePlace(task);
    if (place === undefined) return false;
    task.withdraw();
    for (const each of [task, ...place.tasks]) each.mustBeAlone = true;
    this.#dismiss(place);
    this.#waiting.unshift(task);
    this.#next();
    return true;
  }

  #release(task: Queued, state: "clean" | "spoiled"): void {
    const place = this.#leavePlace(task);
    if (place === undefined) return;
    if (state === "spoiled" || place.slot.ended || place.doomed) {
      this.#dismiss(place);
      this.#next();
      return;
    }
    this.#giveOut();
    if (place.tasks.length > 0 || this.#settling) return;
    this.#settling = true;
    setImmediate(this.#settle);
  }

  /** Once those who waited for what has ended have had the chance to spawn more. */
  readonly #settle = (): void => {
    this.#settling = false;
    this.#next();
    for (const place of [...this.#places]) if (place.tasks.length === 0) this.#leave(place);
  };

  /** The task is not in its worker any more. Returns where it was. */
  #leavePlace(task: Queued): Place | undefined {
    for (const place of this.#places) {
      const at = place.tasks.indexOf(task);
      if (at < 0) continue;
      if (at === 0) place.tasks.shift();
      else place.tasks.splice(at, 1);
      return place;
    }
    return undefined;
  }

  #ended(task: Queued, result: Outcome): void {
    if (task.standing !== undefined && (result.ok || task.handle.isLookedAt())) this.#tasks.remove(task.standing);
    if (this.#tasks.isEmpty) this.#signal?.removeEventListener("abort", this.#abort);
    const place = this.#leavePlace(task);
    if (place === undefined) {
      this.#giveOut(); // Others may have been taken back for it.
      return;
    }
    this.#dismiss(place); // It ended with its worker.
    this.#next();
  }

  /** Its worker runs nothing any more. */
  #dismiss(place: Place): void {
    this.#places.splice(this.#places.indexOf(place), 1);
    this.#takeBack(place);
    endSlot(place.slot);
  }

  /** Nothing is left for its worker to do. */
  #leave(place: Place): void {
    const at = this.#places.indexOf(place);
    if (at < 0) return;
    this.#places.splice(at, 1);
    if (this.#places.length === 0) busy.delete(this.#poll);
    parkSlot(place.slot);
  }

  /** For one who blocks: nobody else handles what the workers say meanwhile. */
  #blockOnce(task: Queued): void {
    const [oldest] = this.#places[0]?.tasks ?? [];
    (task.running ?? oldest?.running)?.blockOnce();
    this.#poll();
  }

  /** While this thread blocks: hears what the workers say, and gives them what waits. */
  readonly #poll = (): void => {
    for (const { tasks } of [...this.#places]) {
      const [first] = tasks;
      first?.running?.poll();
    }
    this.#next();
    if (this.#places.length === 0) busy.delete(this.#poll);
  };
}

/** What the pools that have workers do while this thread blocks: it handles no messages then. */
const busy = new Set<() => void>();

whileBlocked(() => {
  for (const poll of [...busy]) poll();
});

/** A worker, and the tasks that it was sent and has not ended, oldest first. */
interface Place {
  readonly slot: Slot;
  tasks: Queued[];
  /** The worker is being killed. */
  doomed: boolean;
}
