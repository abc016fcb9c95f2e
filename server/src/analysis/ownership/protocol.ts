/**
 * Typestate as data: which states a tracked value goes through, and what moves it from one to the next.
 *
 * Typestate is due to Strom and Yemini ("Typestate: A programming language concept for enhancing software reliability",
 * 1986). A further kind of value (a guard, a sender, a moved buffer) is a further table and the role that makes one: what
 * an event does, and when a loss is a mistake, the engine reads here. A rule reports the losses of its own protocol.
 */

/** What can happen to a tracked value. */
export type Event =
  /** Somebody waited for it to end. */
  | "join"
  /** Let go on purpose. */
  | "detach"
  /** Handed to code or storage that the analysis does not follow: that code owns it now. */
  | "escape"
  /** Given to a thread. */
  | "move"
  /** Given back to the caller. */
  | "return"
  /** The path is one on which the analysis does not want to judge: an exception that might never happen. */
  | "excuse"
  /** The path is one on which the value does not exist: it was tested and found absent. */
  | "rule-out";

export interface Protocol<State extends string = string> {
  readonly initial: State;
  /** The states in which losing the last reference is a mistake. */
  readonly obligations: ReadonlySet<State>;
  /** The states in which that mistake was avoided for good: a function that gets its parameter here relieves its caller. */
  readonly fulfilled: ReadonlySet<State>;
  /** The states that say nothing, since the path that led here does not count. */
  readonly unjudged: ReadonlySet<State>;
  readonly transitions: Readonly<Record<State, Readonly<Partial<Record<Event, State>>>>>;
}

type HandleState = "running" | "joined" | "detached" | "escaped" | "moved-away" | "returned" | "unjudged";

/** A thread's handle: it must be joined, detached or given away before its last reference goes. */
export const handleProtocol: Protocol<HandleState> = {
  initial: "running",
  obligations: new Set(["running"]),
  fulfilled: new Set(["joined", "detached"]),
  unjudged: new Set(["unjudged"]),
  transitions: {
    running: {
      join: "joined",
      detach: "detached",
      escape: "escaped",
      move: "moved-away",
      return: "returned",
      excuse: "unjudged",
      "rule-out": "unjudged",
    },
    joined: {},
    detached: {},
    escaped: {},
    "moved-away": {},
    returned: {},
    unjudged: {},
  },
};

/** A value in one of the states of its protocol. */
export interface Tracked {
  readonly protocol: Protocol;
  readonly state: string;
}

/** A value as it begins. */
export function begin(protocol: Protocol): Tracked {
  return { protocol, state: protocol.initial };
}

/** The same value after `event`. An event that its state does not know leaves it as it is. */
export function after<T extends Tracked>(tracked: T, event: Event): T {
  const state = tracked.protocol.transitions[tracked.state]?.[event];
  return state === undefined ? tracked : { ...tracked, state };
}

/** Whether losing the value now is a mistake. */
export function obliges({ protocol, state }: Tracked): boolean {
  return protocol.obligations.has(state);
}
