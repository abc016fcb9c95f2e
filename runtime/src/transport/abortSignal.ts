import { hold, letGo } from "../worker/ending.js";
import { deserialize, serialize } from "../worker/node.js";
import { copyOnly, unpackNow } from "./encode.js";
import { registerForeign, registerHandle } from "./handle.js";

// An AbortSignal belongs to one thread, and its events come through that thread's event loop. So what crosses is shared
// memory that says whether it is aborted: a thread that is busy, or blocked, sees it there.

/** The state of a signal, in shared memory. */
export interface SharedAbort {
  /** Word 0 is 1 once it is aborted; word 1 is the number of bytes of the reason. */
  readonly flag: Int32Array;
  /** The reason, serialized; grows. */
  readonly reason: SharedArrayBuffer;
}

const word = { aborted: 0, length: 1 } as const;

/** The most a reason may take, in bytes. */
const maxReason = 64 * 1024;

/** Milliseconds after which one who waits looks whether anybody still cares. */
const patience = 1000;

/** The state of a signal that is not aborted. */
export function newSharedAbort(): SharedAbort {
  return {
    flag: new Int32Array(new SharedArrayBuffer(8)),
    reason: newReason(),
  };
}

/** Room for a reason. */
export function newReason(): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength: maxReason });
}

/** Aborts, in all threads. The first reason stays. A reason that cannot be sent arrives as an AbortError that names it. */
export function raise(state: SharedAbort, reason: unknown): void {
  if (Atomics.load(state.flag, word.aborted) !== 0) return;
  const bytes = bytesOf(reason) ?? bytesOf(abortError(`aborted: ${nameOf(reason)}`)) ?? new Uint8Array();
  if (bytes.length > state.reason.byteLength) state.reason.grow(bytes.length);
  new Uint8Array(state.reason).set(bytes);
  state.flag[word.length] = bytes.length;
  Atomics.store(state.flag, word.aborted, 1);
  Atomics.notify(state.flag, word.aborted);
}

function bytesOf(reason: unknown): Uint8Array | undefined {
  try {
    const bytes = serialize(copyOnly(reason ?? abortError("This operation was aborted")));
    return bytes.length > maxReason ? undefined : bytes;
  } catch {
    return undefined;
  }
}

function abortError(message: string): DOMException {
  return new DOMException(message, "AbortError");
}

function nameOf(reason: unknown): string {
  try {
    return String(reason);
  } catch {
    return "for a reason that cannot be sent";
  }
}

function reasonOf({ flag, reason }: SharedAbort): unknown {
  return unpackNow(deserialize(new Uint8Array(reason, 0, flag[word.length]).slice()));
}

/** Signals and what they share with other threads. */
const states = new WeakMap<AbortSignal, SharedAbort>();

/** What a signal shares with other threads, so that they see when it is aborted. */
function stateOf(signal: AbortSignal): SharedAbort {
  const known = states.get(signal);
  if (known !== undefined) return known;
  const state = newSharedAbort();
  states.set(signal, state);
  if (signal.aborted) raise(state, signal.reason);
  else signal.addEventListener("abort", () => raise(state, signal.reason), { once: true });
  return state;
}

/** The word that changes from 0 when a signal is aborted; nothing where only this thread could abort it. */
export function abortWord(signal: AbortSignal): Int32Array | undefined {
  return states.get(signal)?.flag.subarray(word.aborted, word.aborted + 1);
}

/** Signals that somebody listens to: they must not be collected, whoever else has forgotten them. */
const listened = new Set<AbortSignal>();

/** A live signal of this thread for a state that another thread may change. */
export function openSignal(state: SharedAbort): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  states.set(signal, state);
  let reason: unknown;
  let aborted = false;
  let told = false;
  const look = (): boolean => {
    if (!aborted && !watcher.over && Atomics.load(state.flag, word.aborted) !== 0) {
      aborted = true;
      reason = reasonOf(state);
    }
    return aborted;
  };
  const listen = signal.addEventListener.bind(signal);
  Object.defineProperties(signal, {
    aborted: { get: look },
    reason: { get: () => (look() ? reason : undefined) },
    throwIfAborted: {
      value: () => {
        if (look()) throw reason;
      },
    },
    addEventListener: {
      value: (...parameters: Parameters<AbortSignal["addEventListener"]>) => {
        if (!told && !watcher.over) listened.add(signal);
        listen(...parameters);
      },
    },
  });
  const watcher = {
    signal: new WeakRef(signal),
    release: () => {
      listened.delete(signal);
      states.delete(signal);
      watcher.over = true;
    },
    over: false,
  };
  controllers.set(signal, () => {
    told = true;
    listened.delete(signal);
    if (look()) controller.abort(reason);
  });
  hold(watcher);
  void watch(state, watcher);
  return signal;
}

/** What makes the event of each signal. A signal keeps its controller, not the other way round. */
const controllers = new WeakMap<AbortSignal, () => void>();

interface Watcher {
  readonly signal: WeakRef<AbortSignal>;
  readonly over: boolean;
  release(): void;
}

/** Waits until the signal is aborted, its thread has ended, or nobody can ask for it any more. */
async function watch({ flag }: SharedAbort, watcher: Watcher): Promise<void> {
  while (Atomics.load(flag, word.aborted) === 0) {
    const woken = Atomics.waitAsync(flag, word.aborted, 0, patience);
    if (woken.async) await woken.value;
    if (watcher.over || watcher.signal.deref() === undefined) break;
  }
  const signal = watcher.signal.deref();
  if (!watcher.over && signal !== undefined) controllers.get(signal)?.();
  letGo(watcher);
}

registerForeign({
  owns: (value) => value instanceof AbortSignal,
  imageOf: (value) => ({ kind: "AbortSignal", data: stateOf(value as AbortSignal), transfer: [] }),
});

registerHandle("AbortSignal", (data) => openSignal(data as SharedAbort));
