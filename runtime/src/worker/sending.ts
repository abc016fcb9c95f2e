import { isPlainPrimitive } from "../transport/plain.js";
import type { ClosureText } from "./closure.js";
import { alert, callToPort, encode, rouse, write } from "./lane.js";
import type { MessagePort } from "./node.js";
import { ungivenSourceMap } from "./position.js";
import { type Code, maxAhead, nudge, type Run, resetRun, statusWord } from "./protocol.js";
import { keepReading, type Slot } from "./slot.js";

/** How many closures a worker keeps the text of. */
const maxCodes = 1000;

/** What a run is, before it is given to a worker. */
export type Order = Omit<Run, "run" | "code" | "text">;

/** Sends a closure to a worker that has nothing else to do. Returns the number of the run. @throws what `postMessage` throws */
export function send(slot: Slot, closure: ClosureText, order: Order, transfer: readonly object[]): number {
  if (transfer.length === 0 && hand(slot, closure, order)) return slot.runs;
  flush(slot); // Runs that were taken back may carry the text of this closure.
  const run = runOf(slot, closure, order);
  if (transfer.length === 0) slot.port.postMessage(run);
  else slot.port.postMessage(run, transfer as readonly MessagePort[]);
  callToPort(slot.toWorker);
  return noteSent(slot, closure, run);
}

/** Sends a closure to a worker that runs it after those that it was sent before. Nothing in it is transferred. */
export function sendBehind(slot: Slot, closure: ClosureText, order: Order): number {
  if (hand(slot, closure, order)) return slot.runs;
  const run = runOf(slot, closure, order);
  if (slot.outbox.length === 0) setImmediate(() => flush(slot));
  slot.outbox.push(run);
  return noteSent(slot, closure, run);
}

/** Sends what waits to be sent together. */
export function flush(slot: Slot): void {
  if (slot.outbox.length === 0) return;
  slot.port.postMessage(slot.outbox);
  callToPort(slot.toWorker);
  slot.outbox = [];
}

/** Gives a run to the worker through memory. @returns false where it has to be posted. */
function hand(slot: Slot, closure: ClosureText, { id, name, parameters, traced }: Order): boolean {
  const code = slot.codes.get(closure);
  if (code === undefined || traced !== undefined) return false;
  if (Atomics.load(slot.status, statusWord.finished) < slot.posted) return false;
  const values = parameters?.value;
  if (values !== undefined && !(Array.isArray(values) && values.every(isPlainPrimitive))) return false;
  const length = encode(name === undefined ? values : [values, name]);
  if (length < 0) return false;
  const run = slot.runs + 1;
  resetRun(slot, run);
  if (!write(slot.toWorker, run, id, name === undefined ? code : ~code, length)) return false;
  slot.runs = run;
  const found = alert(slot.toWorker);
  if (found === "asleep") slot.port.postMessage(nudge);
  else if (found === "dozing") rouse(slot.toWorker);
  if (found === "asleep") return true;
  if (slot.glance.ms > 0) keepReading(slot);
  else slot.glance.inVain();
  return true;
}

function runOf(slot: Slot, closure: ClosureText, { id, name, parameters, traced }: Order): Run {
  const number = slot.runs + 1;
  resetRun(slot, number);
  const known = slot.codes.get(closure);
  const run: Run = { run: number, id, code: known ?? slot.codes.size % maxCodes };
  if (parameters !== undefined) run.parameters = parameters;
  if (name !== undefined) run.name = name;
  if (traced !== undefined) run.traced = traced;
  if (known === undefined) run.text = codeOf(closure);
  return run;
}

/** A worker is told a closure's text once, and writes it over what it had under the number. */
function noteSent(slot: Slot, closure: ClosureText, { run, code, text }: Run): number {
  slot.runs = run;
  slot.posted = run;
  if (text !== undefined) {
    if (code === 0) slot.codes.clear();
    slot.codes.set(closure, code);
  }
  return run;
}

function codeOf({ source, origin }: ClosureText): Code {
  const map = origin !== undefined && /\bspawn\b/.test(source) ? ungivenSourceMap(origin.file) : undefined;
  return { source, origin, map };
}

/** Takes back all runs that have not started: the worker will not run them. Returns the number of the last that it does run. */
export function takeBack(slot: Slot): number {
  for (;;) {
    const started = Atomics.load(slot.status, statusWord.started);
    const before = Atomics.compareExchange(slot.status, statusWord.started, started, slot.runs);
    if (before === started) return started;
  }
}

/** Whether a worker may be sent one more run: each of those that have not ended has words of its own. */
export function hasRoom({ listeners, runs }: Slot): boolean {
  return listeners[0] === undefined || runs + 1 - listeners[0].run < maxAhead;
}
