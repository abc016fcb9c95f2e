/**
 * Typestate as data: which states a tracked value goes through, and what moves it from one to the next.
 *
 * Typestate is due to Strom and Yemini ("Typestate: A programming language concept for enhancing software reliability",
 * 1986). A further kind of value is a further table in `protocols.ts` and the role or type that makes one: what an event
 * does, when a loss is a mistake, and which event is a mistake in which state, the engine reads here.
 */

/** What can happen to a tracked value. */
export type Event =
  /** Somebody waited for it to end. */
  | "join"
  /** A thread was started on it for which nobody else waits. */
  | "owe"
  /** Let go on purpose. */
  | "detach"
  /** Its dispose method was called: `drop(x)`, or the end of a `using` scope. */
  | "dispose"
  /** Read, called, or handed to code that looks at it. Giving it another name is no use. */
  | "use"
  /** Handed to code or storage that the analysis does not follow: that code owns it now. */
  | "escape"
  /** Put into a field of something that came from elsewhere: whoever has that can get at it. */
  | "store"
  /** The field has another value now, before anybody could get at it. */
  | "evict"
  /** Somebody else waits for what ends with it. */
  | "entrust"
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
  /** Further states in which the value is followed. In all others it is forgotten, since nothing can go wrong any more. */
  readonly followed: ReadonlySet<State>;
  /** The events that are a mistake in a state. */
  readonly mistakes: Readonly<Partial<Record<State, ReadonlySet<Event>>>>;
  readonly transitions: Readonly<Record<State, Readonly<Partial<Record<Event, State>>>>>;
  /**
   * Which one of several it is matters: what is taken out of a container at an unknown place is not known to be it. An
   * obligation, in contrast, is met for all that may be meant.
   */
  readonly individual: boolean;
  /** Nobody disposes of it when its last name goes: it stays what it was. */
  readonly outlivesItsNames: boolean;
}

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

/** Whether anything can still go wrong with the value. */
export function isFollowed({ protocol, state }: Tracked): boolean {
  return protocol.obligations.has(state) || protocol.followed.has(state);
}

/** Whether `event` is a mistake now. */
export function forbids({ protocol, state }: Tracked, event: Event): boolean {
  return protocol.mistakes[state]?.has(event) ?? false;
}
