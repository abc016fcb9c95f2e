import { NotSendError } from "../errors.js";
import { forgetChildren, hasChildren, whenChildrenEnded } from "../thread/children.js";
import { becomeThread, type Self } from "../thread/self.js";
import { type ActivityEvent, forwardEvents, now, type ThreadEvent, traceActivity } from "../trace/trace.js";
import type { SharedAbort } from "../transport/abortSignal.js";
import { type Packed, packMemory, unpackNow } from "../transport/encode.js";
import { isPlainPrimitive } from "../transport/plain.js";
import { endThread } from "./ending.js";
import { call, type Ending, execute, failed, type Loaded, load, onlyComputes, settle } from "./execute.js";
import { failureOf, kindOf } from "./failure.js";
import { Glance } from "./glance.js";
import { areAllChanged, leftBehind, putBackGlobals } from "./globals.js";
import { freeHoldings, keepHere, type Lease, sendToParent } from "./holdings.js";
import {
  alert,
  encode,
  goToSleep,
  keepLooking,
  type Lane,
  type Note,
  read,
  stayAwake,
  takeNap,
  write,
} from "./lane.js";
import { endWorker, type MessagePort, process } from "./node.js";
import { standAs } from "./places.js";
import { afterTurn, handOver, isPrinting, isTurnOwed, printed } from "./printing.js";
import {
  abortOf,
  type Boot,
  type Done,
  type Failure,
  type FromWorker,
  laneFromWorker,
  laneToWorker,
  nudge,
  type Run,
  type Shared,
  statusWord,
  tokenOf,
} from "./protocol.js";
import { watchNoMore, watchOver, whenUnsettled } from "./unsettled.js";

/** To doze and to be woken takes twice as long. */
const glance = new Glance(0.01);

function look(lane: Lane): void {
  if (glance.ms > 0 && keepLooking(lane, glance.ms)) glance.found();
  else glance.inVain();
}

/** What a worker does that has nothing to do, one after the other: in the end it waits in the event loop. */
const rests = [look, takeNap, goToSleep];

/** What stands for a run that has come and could not be read: why. */
class Unread {
  readonly why: string;

  constructor(error: unknown) {
    this.why = String(error);
  }
}

/** The worker's side: runs the closures that come in through the port, one at a time. */
export function serve(boot: Boot): void {
  const { port, status } = boot;
  const codes: Loaded[] = [];
  const waiting: (Run | Unread)[] = [];
  /** The number of the last run that came, whether it was to be run or taken back. */
  let taken = 0;
  let running: Run | undefined;
  let last: Run | undefined;
  /** What was sent on before the parent knew that nothing else may run here is taken back by it. */
  let closed = false;
  /** Whether the last run came through the port: then the next one will, and is not waited for in memory. */
  let byPort = true;

  const post = (message: FromWorker, transfer?: readonly object[]): void => {
    if (transfer === undefined || transfer.length === 0) port.postMessage(message);
    else port.postMessage(message, transfer as readonly MessagePort[]);
  };
  const toParent = laneFromWorker(boot);
  const fromParent = laneToWorker(boot);
  const sendEvent = (event: ThreadEvent | ActivityEvent): void => post({ type: "trace", event });

  const finish = (run: Run, ending: Ending, broken: boolean): void => {
    if (running !== run) return;
    try {
      end(run, ending, broken);
    } catch {
      endWorker(); // The closure broke what this needs. Its thread has ended once its worker has.
    }
  };

  const end = (run: Run, ending: Ending, broken: boolean): void => {
    watchNoMore();
    const lingers = hasChildren();
    const isSpoiled = broken || lingers;
    noteEnded(run);
    const { packed, failure } = letGoOfAll(ending);
    if (!isSpoiled) freeHoldings();
    const printing = isPrinting();
    if (printing) handOver();
    const done: Done = { type: "done", run: run.run };
    if (printing) done.printing = true;
    if (isSpoiled) {
      done.spoiled = true;
      closed = true;
      Atomics.store(status, statusWord.spoiled, run.run);
    }
    if (lingers) done.lingers = true;
    if (packed !== undefined) postResult(run, done, packed);
    else post({ ...done, failure });
    tellFinished(run);
    if (printing) postPrinted(run);
    if (lingers) exitAfterChildren();
  };

  const noteEnded = (run: Run): void => {
    running = undefined;
    last = run;
    traceActivity(() => ({ type: "ended", id: run.id, time: now() }));
  };

  /** Ends a run of a closure that could do nothing but compute: it holds nothing, and has printed nothing. */
  const finishInert = (run: Run, packed: Packed): void => {
    noteEnded(run);
    postResult(run, { type: "done", run: run.run }, packed);
    tellFinished(run);
  };

  const tellFinished = ({ run }: Run): void => {
    Atomics.store(status, statusWord.finished, run);
    Atomics.notify(status, statusWord.finished);
  };

  const postPrinted = ({ run }: Run): void => {
    void printed().then(() => post({ type: "printed", run }));
  };

  /** Gives a result to the parent through memory. @returns false where it has to be posted. */
  const hand = (run: number, value: unknown): boolean => {
    const length = isPlainPrimitive(value) ? encode(value) : -1;
    if (length < 0 || !write(toParent, run, 0, 0, length)) return false;
    if (alert(toParent) === "asleep") port.postMessage(nudge);
    return true;
  };

  const postResult = (run: Run, done: Done, packed: Packed): void => {
    const { parcel, transfer, lent } = packed;
    try {
      if (run.traced === undefined && isPlain(done) && hand(run.run, parcel.value)) return;
      if (lent.length > 0) leasesOf(lent).forEach(sendToParent);
      if (parcel.value !== undefined) done.value = parcel;
      post(done, transfer);
    } catch (error) {
      refuseResult(run, done, packed, error);
    }
  };

  /** Structured clone refuses a proxy, or a buffer that belongs to WebAssembly, which look like any other. */
  const refuseResult = (run: Run, done: Done, { abandon, lent }: Packed, error: unknown): void => {
    leasesOf(lent).forEach(keepHere);
    for (const letGo of abandon) letGo(run.id);
    const refusal = new NotSendError("the result", "a value in it", String(error));
    post({ ...done, value: undefined, failure: failureOf(refusal, "unsendable-result") });
  };

  /** What came through memory was sent before what waits here. */
  const take = (): Run | Unread | undefined => {
    const note = read(fromParent);
    const run = note === undefined ? waiting.shift() : runOfNote(note);
    if (run !== undefined) byPort = note === undefined;
    return run;
  };

  /** Whether what has come is still to be run here, and was not taken back. */
  const claim = (came: Run | Unread): boolean => {
    const before = came instanceof Unread ? taken : came.run - 1;
    taken = before + 1;
    return Atomics.compareExchange(status, statusWord.started, before, taken) === before;
  };

  /** What is to be run now; where there is nothing yet, it may come in a moment. */
  const obtain = (): Run | Unread | undefined => {
    stayAwake(fromParent);
    for (let rest = byPort ? rests.length - 1 : 0; ; ) {
      const came = take();
      if (came === undefined) {
        if (rest === rests.length) return undefined;
        rests[rest++]?.(fromParent);
      } else if (claim(came)) return came;
    }
  };

  /** Runs what has come, one after the other, until one does not end at once or nothing comes any more. */
  const next = (): void => {
    while (running === undefined && !closed) {
      const came = obtain();
      if (came === undefined) return;
      if (came instanceof Unread) refuse(came);
      else start(came);
    }
  };

  const start = (run: Run): void => {
    running = run;
    standAs(run.id);
    becomeThread(new RunSelf(boot, run));
    forwardEvents(run.traced === undefined ? undefined : { send: sendEvent, level: run.traced });
    traceActivity(() => ({ type: "running", id: run.id, time: now() }));
    const loaded = codes[run.code];
    if (loaded === undefined) throw new Error(`the text of closure ${run.code} has not arrived`);
    if (onlyComputes(loaded.reach, run.parameters?.value)) compute(run, loaded);
    else watch(run, loaded, execute(run, loaded, boot.tsx));
  };

  /** A closure that can do nothing but compute has ended when it has returned. */
  const compute = (run: Run, loaded: Loaded): void => {
    let result: unknown;
    try {
      result = call(loaded, run.parameters === undefined ? [] : unpackNow(run.parameters));
    } catch (error) {
      conclude(run, loaded, failed(error));
      return;
    }
    const packed = packMemory(result);
    if (packed === undefined || areAllChanged()) watch(run, loaded, settle(result));
    else finishInert(run, packed);
  };

  const conclude = (run: Run, { reach }: Loaded, ending: Ending): void =>
    finish(run, ending, isBroken(ending.failure) || leftBehind(reach, run.parameters?.value));

  const watch = (run: Run, loaded: Loaded, ended: Promise<Ending>): void => {
    watchOver(ended);
    void concludeLater(run, loaded, ended);
  };

  const concludeLater = async (run: Run, loaded: Loaded, ended: Promise<Ending>): Promise<void> => {
    const ending = await ended;
    const concludeAndGoOn = (): void => {
      conclude(run, loaded, ending);
      next();
    };
    // Where it may have left promises, a turn of the event loop shows whether one is rejected and nobody handles that.
    if (loaded.reach.promises || isTurnOwed()) afterTurn(concludeAndGoOn);
    else concludeAndGoOn();
  };

  /** What came cannot be read here, and may have been several runs, or texts that others need: nothing else may run here. */
  const refuse = ({ why }: Unread): void => {
    const run: Run = { run: taken, id: 0, code: 0 };
    running = run;
    const refusal = new NotSendError("move", "a value in it", `the thread could not read it: ${why}`);
    finish(run, { failure: { ...failureOf(refusal, "thrown"), unread: true } }, true);
  };

  const panic = (error: unknown): void => {
    putBackGlobals();
    if (running !== undefined) finish(running, { failure: failureOf(error, kindOf(error)) }, true);
    else reportLate(error, last);
  };
  whenUnsettled(() => {
    if (running === undefined) return;
    const stuck = new Error("waits for a promise that nothing can settle: nobody has its resolve and reject any more");
    finish(running, { failure: failureOf(stuck, "unsettled") }, true);
  });
  process.on("uncaughtException", panic);
  process.on("unhandledRejection", panic);
  process.on("exit", (code) => {
    if (running === undefined) return;
    putBackGlobals();
    setImmediate(endWorker); // A listener that throws keeps Node from exiting.
    const stop = new Error(`called process.exit(${code}), which ends the thread, not the process`);
    forgetChildren();
    finish(running, { failure: failureOf(stop, "exit") }, true);
  });

  const enqueue = (run: Run): void => {
    if (run.text !== undefined) codes[run.code] = load(run.text);
    waiting.push(run);
  };
  // Nobody but a closure closes it here.
  port.close = () => panic(new Error("closed the port through which this library talks to its thread"));
  port.on("close", endWorker);
  port.on("message", (message: Run | readonly Run[] | typeof nudge) => {
    if (message === nudge) {
      next();
      return;
    }
    Atomics.store(status, statusWord.online, 1);
    if (Array.isArray(message)) message.forEach(enqueue);
    else enqueue(message as Run);
    next();
  });
  port.on("messageerror", (error: unknown) => {
    Atomics.store(status, statusWord.online, 1);
    waiting.push(new Unread(error));
    next();
  });
}

/** The thread of a run. Its shared words are looked up when they are asked for: most threads never do. */
class RunSelf implements Self {
  readonly id: number;
  readonly name: string | undefined;
  readonly #shared: Shared;
  readonly #run: number;

  constructor(shared: Shared, { id, name, run }: Run) {
    this.id = id;
    this.name = name;
    this.#shared = shared;
    this.#run = run;
  }

  get token(): Int32Array {
    return tokenOf(this.#shared, this.#run);
  }

  get stopping(): SharedAbort {
    return abortOf(this.#shared, this.#run);
  }
}

function exitAfterChildren(): void {
  whenChildrenEnded(() => void printed().then(() => process.exit()));
}

/** Whether there is nothing to say but that the closure returned. */
function isPlain({ printing, spoiled, lingers }: Done): boolean {
  return printing === undefined && spoiled === undefined && lingers === undefined;
}

function runOfNote({ run, id, code, value }: Note): Run {
  const named = code < 0;
  const [values, name] = named ? (value as [unknown, string]) : [value];
  const order: Run = { run, id, code: named ? ~code : code };
  if (values !== undefined) order.parameters = { value: values };
  if (name !== undefined) order.name = name;
  return order;
}

function leasesOf(lent: Packed["lent"]): readonly Lease[] {
  return lent.flatMap(({ leases }) => leases);
}

/** Lets go of what the thread still holds. A guard whose value cannot be stored makes a panic of a good end. */
function letGoOfAll(ending: Ending): Ending {
  try {
    endThread(ending.failure === undefined ? "returned" : "panicked");
    return ending;
  } catch (error) {
    return ending.failure === undefined ? { failure: failureOf(error, "thrown") } : ending;
  }
}

/** What is thrown after the closure has returned can change its result no more, but is not kept quiet either. */
function reportLate(error: unknown, run: Run | undefined): void {
  const { message } = failureOf(error, "thrown");
  process.stderr.write(`thread '${run?.name ?? "<unnamed>"}' panicked after it had ended: ${message}\n`);
}

/** After a full stack or heap, the worker's state is not to be trusted. */
function isBroken(failure: Failure | undefined): boolean {
  return failure !== undefined && failure.kind !== "thrown" && failure.kind !== "unsendable-result";
}
