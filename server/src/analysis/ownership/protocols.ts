/** The protocols there are, as tables. */
import type { Event, Protocol } from "./protocol.js";

const nothing: ReadonlySet<never> = new Set();

/** What ends every obligation, besides meeting it. */
const handedOn = { escape: "elsewhere", move: "elsewhere", return: "elsewhere" } as const;
const notJudged = { excuse: "unjudged", "rule-out": "unjudged" } as const;

type HandleState = "running" | "stored" | "entrusted" | "joined" | "detached" | "elsewhere" | "unjudged";

const ended = { join: "joined", dispose: "joined", detach: "detached", ...handedOn, ...notJudged } as const;

/** A thread's handle: it must be joined, detached or given away before its last reference goes. */
export const handleProtocol: Protocol<HandleState> = {
  initial: "running",
  obligations: new Set(["running"]),
  followed: new Set(["stored", "entrusted"]),
  mistakes: {},
  transitions: {
    running: { store: "stored", entrust: "entrusted", ...ended },
    stored: { evict: "running", entrust: "entrusted", ...ended },
    entrusted: ended,
    joined: {},
    detached: {},
    elsewhere: {},
    unjudged: {},
  },
  individual: false,
  outlivesItsNames: false,
};

/** A worker: somebody must listen to it, end it, or have it. */
export const workerProtocol: Protocol<HandleState> = { ...handleProtocol };

type PoolState = "idle" | "owing" | "over" | "unjudged";

const over = { dispose: "over", detach: "over", escape: "over", move: "over", return: "over", ...notJudged } as const;

/** A pool: threads that were started on it and that nobody joined are joined with it. */
export const poolProtocol: Protocol<PoolState> = {
  initial: "idle",
  obligations: new Set(["owing"]),
  followed: new Set(["idle"]),
  mistakes: {},
  transitions: { idle: { owe: "owing", ...over }, owing: { join: "idle", ...over }, over: {}, unjudged: {} },
  individual: false,
  outlivesItsNames: false,
};

/** The handle of a thread of a pool, which the pool joins where nobody does. */
export const pooledProtocol: Protocol<HandleState> = {
  ...handleProtocol,
  obligations: nothing,
  followed: new Set(["running"]),
};

type OutcomeState = "unread" | "read" | "unjudged";

/** The Result of a join or a send: somebody must look at it, or an error goes unseen. */
export const outcomeProtocol: Protocol<OutcomeState> = {
  initial: "unread",
  obligations: new Set(["unread"]),
  // What was sent is the sender's again where it turns out to be an error, however often that is asked.
  followed: new Set(["read"]),
  mistakes: {},
  transitions: {
    unread: {
      use: "read",
      escape: "read",
      move: "read",
      return: "read",
      detach: "read",
      dispose: "read",
      ...notJudged,
    },
    read: {},
    unjudged: {},
  },
  individual: false,
  outlivesItsNames: false,
};

/** After it was given to a thread, a value must not be touched: it is empty, or throws. */
const touching: ReadonlySet<Event> = new Set(["use", "escape", "move", "return"]);

/** Touched once it was moved: said once, and then no more. */
const touched = { use: "unjudged", escape: "unjudged", move: "unjudged", return: "unjudged" } as const;

type GuardState = "held" | "released" | "elsewhere" | "unjudged";

/** A lock's guard: it must be dropped on every way out, or the lock stays locked. */
export const guardProtocol: Protocol<GuardState> = {
  initial: "held",
  obligations: new Set(["held"]),
  followed: new Set(["released"]),
  mistakes: { released: touching },
  transitions: {
    held: { dispose: "released", detach: "elsewhere", ...handedOn, ...notJudged },
    released: { ...touched, ...notJudged },
    elsewhere: {},
    unjudged: {},
  },
  individual: false,
  outlivesItsNames: false,
};

type MovableState = "owned" | "moved" | "dropped" | "unjudged";

/** A buffer, a lock, the receiving end of a channel: a value that is only in one thread at a time. */
export const movableProtocol: Protocol<MovableState> = {
  initial: "owned",
  obligations: nothing,
  followed: new Set(["owned", "moved", "dropped"]),
  mistakes: { moved: touching, dropped: touching },
  transitions: {
    // That other code has it too changes nothing: it is moved away from all who have it.
    owned: { move: "moved", dispose: "dropped", ...notJudged },
    moved: { ...touched, ...notJudged },
    dropped: { ...touched, ...notJudged },
    unjudged: {},
  },
  individual: true,
  outlivesItsNames: false,
};

type SenderState = MovableState | "lent";

/** The sending end of a channel, which is open as long as one of its senders is. */
export const senderProtocol: Protocol<SenderState> = {
  ...movableProtocol,
  followed: new Set(["owned", "lent", "moved", "dropped"]),
  transitions: {
    ...movableProtocol.transitions,
    owned: { move: "moved", dispose: "dropped", escape: "lent", return: "lent", ...notJudged },
    // Other code may drop it.
    lent: { move: "moved", dispose: "dropped", ...notJudged },
  },
  outlivesItsNames: true,
};

/** The receiving end. */
export const receiverProtocol: Protocol<MovableState> = { ...movableProtocol };

type ParameterState = "given" | "joined" | "dropped" | "moved" | "elsewhere" | "unjudged";

/** Whatever a parameter brings, while it is found out what its function does with it. */
export const parameterProtocol: Protocol<ParameterState> = {
  initial: "given",
  obligations: nothing,
  followed: new Set(["given"]),
  mistakes: {},
  transitions: {
    given: {
      join: "joined",
      detach: "joined",
      dispose: "dropped",
      move: "moved",
      escape: "elsewhere",
      return: "elsewhere",
      ...notJudged,
    },
    joined: {},
    dropped: {},
    moved: {},
    elsewhere: {},
    unjudged: {},
  },
  individual: false,
  outlivesItsNames: false,
};
