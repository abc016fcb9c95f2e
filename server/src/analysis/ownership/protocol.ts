/**
 * Typestate as data: which states a tracked value goes through, and what moves it from one to the next.
 *
 * Typestate is due to Strom and Yemini ("Typestate: A programming language concept for enhancing software reliability",
 * 1986). A further kind of value (a guard, a sender, a moved buffer) is a further table.
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
  readonly name: string;
  readonly initial: State;
  /** The states in which losing the last reference is a mistake. */
  readonly obligations: ReadonlySet<State>;
  readonly transitions: Readonly<Record<State, Readonly<Partial<Record<Event, State>>>>>;
}

export type HandleState = "running" | "joined" | "detached" | "escaped" | "moved-away" | "returned" | "unjudged";

/** A thread's handle: it must be joined, detached or given away before its last reference goes. */
export const handleProtocol: Protocol<HandleState> = {
  name: "handle",
  initial: "running",
  obligations: new Set(["running"]),
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

/** The state after `event`. An event that a state does not know leaves it as it is. */
export function next<State extends string>(protocol: Protocol<State>, state: State, event: Event): State {
  return protocol.transitions[state][event] ?? state;
}
