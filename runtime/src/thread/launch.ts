import { NotSendError, type ThreadPanic } from "../errors.js";
import { traceLevel } from "../trace/trace.js";
import { type Packed, pack } from "../transport/encode.js";
import type { Moved } from "../transport/move.js";
import { isPlainPrimitive } from "../transport/plain.js";
import { assertCanStart } from "../worker/entry.js";
import { nextId } from "../worker/ledger.js";
import { parkSlot, takeSlot } from "../worker/parking.js";
import { toSource } from "../worker/position.js";
import { type Order, send, sendBehind } from "../worker/sending.js";
import { endSlot, type Limits, type Slot } from "../worker/slot.js";
import { type Closure, closureAt } from "./closureAt.js";
import { displayName, panicOfWorker } from "./panic.js";
import { type Host, type Origin, type Running, RunningThread } from "./running.js";

type AnyFunction = (...parameters: never[]) => unknown;

/** What a thread is started with. */
export interface Launch extends Limits {
  readonly name: string | undefined;
}

/** What has been given to a thread that has not started. */
export interface Prepared {
  readonly origin: Origin;
  readonly packed: Packed;
  /** Whether it is the thread's own already: nobody else can change a primitive value. */
  readonly isOwn: boolean;
}

/** Starts a thread. @throws SpawnError, NotSendError, UseAfterMoveError */
export function launch(options: Launch, moved: Moved | undefined, f: AnyFunction, caller: AnyFunction): Running {
  assertCanStart();
  // A worker takes long to start, so it does while the rest is made ready.
  const slot = takeSlot(options, options.name);
  let prepared: Prepared | undefined;
  try {
    prepared = prepare(options.name, moved, closureAt(f, caller));
    return startIn(slot, prepared, free);
  } catch (error) {
    if (prepared === undefined) parkSlot(slot);
    else abandon(prepared);
    throw error;
  }
}

/** What becomes of the worker of a thread that has ended. */
const free: Host = {
  release: (slot, state) => {
    if (state === "clean") parkSlot(slot);
    else endSlot(slot);
  },
};

/** Gives a thread what is moved to it. @throws NotSendError, UseAfterMoveError */
export function prepare(name: string | undefined, moved: Moved | undefined, { text, site }: Closure): Prepared {
  assertCanStart();
  const id = nextId();
  const value = moved?.values ?? [];
  const packed = pack(value, "move", () => `to thread '${displayName(name)}' (${id})`);
  return {
    origin: { id, name, site, closure: text, abandon: packed.abandon },
    packed,
    isOwn: packed.transfer.length === 0 && value.every(isPlainPrimitive),
  };
}

/** Starts a thread in a worker that is the host's. @throws NotSendError, and the worker is released. */
export function startIn(slot: Slot, prepared: Prepared, host: Host): RunningThread {
  const { origin, packed } = prepared;
  let run: number;
  try {
    run = send(slot, origin.closure, orderOf(prepared), packed.transfer);
  } catch (error) {
    host.release(slot, "clean");
    throw new NotSendError("move", "a value in it", `structured clone says: ${String(error)}`);
  }
  return new RunningThread(slot, run, origin, host);
}

/** Has a thread wait in a worker that is the host's, behind others. */
export function waitIn(slot: Slot, prepared: Prepared, host: Host): RunningThread {
  return new RunningThread(slot, sendBehind(slot, prepared.origin.closure, orderOf(prepared)), prepared.origin, host);
}

function orderOf({ origin: { id, name }, packed: { parcel } }: Prepared): Order {
  const order: Order = { id };
  if (name !== undefined) order.name = name;
  if (!(Array.isArray(parcel.value) && parcel.value.length === 0)) order.parameters = parcel;
  const traced = traceLevel();
  if (traced !== undefined) order.traced = traced;
  return order;
}

/** Lets go of what it was given. */
function abandon({ origin }: Prepared): void {
  for (const letGo of origin.abandon) letGo(origin.id);
}

/** It will not start: lets go of what it was given. The panic says why. */
export function cancel(prepared: Prepared, message: string, payload: unknown): ThreadPanic {
  const { id, name, closure, site } = prepared.origin;
  abandon(prepared);
  const spawnedAt = () => (site === undefined ? undefined : toSource(site));
  return panicOfWorker("terminated", message, { id, name, closure, spawnedAt }, payload);
}
