/** One way in which control can have come to a point: what each place holds there, and which values are still owed a join. */
import type { LocalId } from "../mir/mir.js";
import type { Grade } from "../summaries/raising.js";
import type { Exit, Loss, Origin } from "./engine.js";
import { forgetFields } from "./fields.js";
import { after, type Event, forbids, isFollowed, type Tracked } from "./protocol.js";
import { receiverProtocol } from "./protocols.js";
import { Table } from "./table.js";
import {
  type AbstractValue,
  type Atom,
  anything,
  forEachName,
  isUnknown,
  mapAtoms,
  type ObjectId,
  objectsIn,
  sameValue,
  type TokenId,
  type Ways,
} from "./value.js";

/** A container made in the body. */
export interface AbstractObject {
  readonly fields: ReadonlyMap<string, AbstractValue>;
  /** What is at positions and keys that are not known one by one. */
  readonly elements: AbstractValue | undefined;
  /** What a generator gives: makes a further element. */
  readonly makes?: ((world: World) => AbstractValue) | undefined;
  /** Of an array whose elements are all among the fields: how many there are. */
  readonly length?: number | undefined;
}

/** A value that is tracked and with which something can still go wrong. */
export interface Token extends Tracked {
  readonly site: string;
  /** Brought by a parameter: whatever it is, and all that is reached from it. The caller owns it. */
  readonly parameter: boolean;
  /** Looks at memory, which goes with it. */
  readonly view: boolean;
  /** The head of the innermost loop in which it was last taken out of a container, this turn. */
  readonly seen: string | undefined;
  /** A loop over its container ended without anything having been done to it. */
  readonly skipped: boolean;
  /** An exception of code that nobody sees led here: it may have been moved by what threw. */
  readonly doubtful: boolean;
  /** What brought it into its state, where it was moved or dropped. */
  readonly since: Origin | undefined;
  /** The ends of one channel have one name for it. */
  readonly channel: string | undefined;
  /** What comes back to its owner if this Result is an error. */
  readonly carries: readonly TokenId[];
  /** The channels for whose end this thread waits. */
  readonly waitsFor: readonly string[];
  /** The channels that are not closed before this thread lets go of them. */
  readonly feeds: readonly string[];
  /** Those of them that it keeps open for as long as it waits. */
  readonly keeps: readonly string[];
  /** How nobody came to have it any more, while its end may yet be waited for by the channels that it feeds. */
  readonly left: Omit<Loss, "site"> | undefined;
  /** Another join came first, and this one was not waited for. */
  readonly raced: boolean;
  /** The loop around is at another one of those that were made at the same place. */
  readonly toCome: boolean;
  /** What a parameter brought was given to the function that another one brought: see `Effect`. */
  readonly givenTo: `to ${number}.${number}` | undefined;
  /** The pool that joins this thread where nobody does. */
  readonly pool: TokenId | undefined;
}

/** A token at its beginning. */
export function freshToken(tracked: Tracked, site: string, channel?: string): Token {
  const { protocol, state } = tracked;
  return {
    protocol,
    state,
    site,
    parameter: false,
    view: false,
    seen: undefined,
    skipped: false,
    doubtful: false,
    since: undefined,
    channel,
    carries: [],
    waitsFor: [],
    feeds: [],
    keeps: [],
    left: undefined,
    raced: false,
    toCome: false,
    givenTo: undefined,
    pool: undefined,
  };
}

/** An event that a token's state forbids. */
export interface Mistake {
  readonly token: Token;
  readonly event: Event;
  /** The operand, where it is known. */
  readonly origin: Origin | undefined;
}

export interface World {
  readonly locals: Table<LocalId, AbstractValue>;
  readonly objects: Table<ObjectId, AbstractObject>;
  /** The tokens that are followed in their state. All others are forgotten. */
  readonly tokens: Table<TokenId, Token>;
  /** How conditions that are tested again came out. */
  readonly facts: Table<string, Ways>;
  /** What became of parameters that are followed no more. */
  readonly outcomes: Table<TokenId, Tracked>;
  /** The `throw` that control came here by, or the call that threw. */
  thrown: Exit | undefined;
  /** An exception is on its way to whoever catches it. */
  raised: Grade | undefined;
  /** What the step that is being taken did wrong; whoever takes the step reports it. */
  readonly mistakes: Mistake[];
}

export function emptyWorld(): World {
  return {
    locals: new Table(),
    objects: new Table(),
    tokens: new Table(),
    facts: new Table(),
    outcomes: new Table(),
    thrown: undefined,
    raised: undefined,
    mistakes: [],
  };
}

export function copyWorld(world: World): World {
  return {
    locals: new Table(world.locals),
    objects: new Table(world.objects),
    tokens: new Table(world.tokens),
    facts: new Table(world.facts),
    outcomes: new Table(world.outcomes),
    thrown: world.thrown,
    raised: world.raised,
    mistakes: [...world.mistakes],
  };
}

/** Whether nothing that is analysed tells two worlds from each other. */
export function sameWorld(a: World, b: World): boolean {
  if (a === b) return true;
  return (
    a.raised === b.raised &&
    (a.thrown?.span.start ?? "") === (b.thrown?.span.start ?? "") &&
    a.tokens.equals(b.tokens, sameToken) &&
    a.locals.equals(b.locals, sameValue) &&
    a.facts.equals(b.facts, Object.is) &&
    a.outcomes.equals(b.outcomes, sameState) &&
    a.objects.equals(b.objects, sameObject)
  );
}

function sameEntries<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>, same: (x: V, y: V) => boolean): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !(other === value || same(value, other))) return false;
  }
  return true;
}

function sameState(a: Tracked, b: Tracked): boolean {
  return a.state === b.state;
}

function sameToken(a: Token, b: Token): boolean {
  return (
    a.state === b.state &&
    a.seen === b.seen &&
    a.skipped === b.skipped &&
    a.doubtful === b.doubtful &&
    a.toCome === b.toCome &&
    a.givenTo === b.givenTo &&
    (a.since?.span.start ?? "") === (b.since?.span.start ?? "")
  );
}

function sameObject(a: AbstractObject, b: AbstractObject): boolean {
  if (a.length !== b.length || (a.elements === undefined) !== (b.elements === undefined)) return false;
  if (a.elements !== undefined && b.elements !== undefined && !sameValue(a.elements, b.elements)) return false;
  return a.fields === b.fields || sameEntries(a.fields, b.fields, sameValue);
}

/** Equal worlds have equal hints, and few others have the same. */
export function hintOf(world: World): string {
  const tokens = sorted(world.tokens).map(([id, { state }]) => `${id}${state}`);
  const facts = sorted(world.facts).map(([key, ways]) => `${key}=${ways}`);
  return `${world.locals.size};${tokens.join()};${facts.join()}`;
}

function sorted<V>(table: Table<string, V>): readonly (readonly [string, V])[] {
  return table.size < 2 ? [...table] : [...table].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What is reached from values, through containers. */
export interface Reached {
  readonly tokens: ReadonlySet<TokenId>;
  readonly objects: ReadonlySet<ObjectId>;
}

export function reach(world: World, values: Iterable<AbstractValue>): Reached {
  const tokens = new Set<TokenId>();
  const objects = new Set<ObjectId>();
  const onToken = (token: TokenId): void => void tokens.add(token);
  const waiting = [...values];
  const onObject = (id: ObjectId): void => {
    const object = objects.has(id) ? undefined : world.objects.get(id);
    if (object === undefined) return;
    objects.add(id);
    waiting.push(...object.fields.values());
    if (object.elements !== undefined) waiting.push(object.elements);
  };
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) forEachName(value, onToken, onObject);
  return { tokens, objects };
}

/** The tokens reached from a value, through containers. */
export function reachable(world: World, values: Iterable<AbstractValue>): ReadonlySet<TokenId> {
  return reach(world, values).tokens;
}

/** Moves tokens to their next state. A token that is followed no more is forgotten, with every name of it. */
export function happen(world: World, tokens: Iterable<TokenId>, event: Event, origin?: Origin): void {
  let gone: Set<TokenId> | undefined;
  for (const id of tokens) {
    const token = world.tokens.get(id);
    if (token === undefined) continue;
    if (forbids(token, event)) world.mistakes.push({ token, event, origin });
    const now = after(token, event);
    if (isFollowed(now)) {
      if (now !== token) world.tokens.set(id, { ...now, since: origin });
      continue;
    }
    if (token.parameter) world.outcomes.set(id, now);
    world.tokens.delete(id);
    gone = (gone ?? new Set()).add(id);
  }
  if (gone !== undefined) forgetTokens(world, gone);
}

function forgetTokens(world: World, gone: ReadonlySet<TokenId>): void {
  forget(world, (atom) => ("token" in atom && gone.has(atom.token) ? undefined : atom));
}

/** Other code has the receiving end of channels: it may wait for the threads that feed them. */
export function leaveToReceivers(world: World, tokens: Iterable<TokenId>): void {
  for (const id of tokens) {
    const { protocol, channel } = world.tokens.get(id) ?? {};
    if (protocol !== receiverProtocol || channel === undefined) continue;
    for (const feeder of feedersOf(world, channel)) {
      // What keeps the channel open while it waits itself is of interest to whoever waits for the channel's end.
      const keeps = world.tokens.get(feeder)?.keeps.includes(channel);
      happen(world, [feeder], keeps ? "entrust" : "excuse");
    }
  }
}

/** The threads that a channel is not closed before. */
export function feedersOf({ tokens }: World, channel: string): readonly TokenId[] {
  return tokens.keysOf(({ feeds }) => feeds.includes(channel));
}

/** Who lost a race was perhaps told to stop: somebody who does so knows of it. */
export function excuseRaced(world: World): void {
  const raced = world.tokens.keysOf((token) => token.raced);
  if (raced.length > 0) happen(world, raced, "excuse");
}

/** Who throws since one of several threads has failed passes that on, and the others are no more to be blamed on it. */
export function excuseToCome(world: World): void {
  const waiting = world.tokens.keysOf((token) => token.toCome);
  if (waiting.length > 0) happen(world, waiting, "excuse");
}

/** Of these threads it is no longer known for what they wait. */
export function waitForNothing(world: World, tokens: Iterable<TokenId>): void {
  for (const id of tokens) {
    const token = world.tokens.get(id);
    if (token !== undefined && token.waitsFor.length > 0) world.tokens.set(id, { ...token, waitsFor: [] });
  }
}

/** Renames or removes atoms everywhere. */
export function forget(world: World, change: (atom: Atom) => Atom | undefined): void {
  world.locals.change((before) => {
    const value = mapAtoms(before, change);
    return isUnknown(value) ? undefined : value;
  });
  world.objects.change((object) => {
    let fields: Map<string, AbstractValue> | undefined;
    for (const [name, before] of object.fields) {
      const value = mapAtoms(before, change);
      if (value !== before) fields = (fields ?? new Map(object.fields)).set(name, value);
    }
    const elements = object.elements && mapAtoms(object.elements, change);
    return fields === undefined && elements === object.elements
      ? object
      : { ...object, fields: fields ?? object.fields, elements };
  });
}

export function setLocal(world: World, local: LocalId, value: AbstractValue): void {
  if (isUnknown(value)) world.locals.delete(local);
  else world.locals.set(local, value);
}

/**
 * Something happens to a value and to everything reached from it. A function that moves or drops only a part of what a
 * parameter brought has taken the rest of it, as far as its caller is told.
 */
export function befall(world: World, value: AbstractValue, event: Event, origin?: Origin): void {
  if (value.atoms.length === 0) return;
  const tokens = new Set(reachable(world, [value]));
  if (event !== "dispose") leaveToReceivers(world, tokens);
  if (event === "move" || event === "dispose") {
    const parts = value.atoms.flatMap((atom) => (atom.kind === "tracked" && atom.part ? [atom.token] : []));
    for (const part of parts) tokens.delete(part);
    happen(world, parts, "escape", origin);
  }
  happen(world, tokens, event, origin);
}

/** Unknown code or storage has the value now, and everything reached from it. */
export function giveAway(world: World, value: AbstractValue, event: Event = "escape", origin?: Origin): void {
  if (value.atoms.length === 0) return;
  if (event === "escape") forgetFields(world, [value]);
  befall(world, value, event, origin);
  const waiting = [...objectsIn(value)];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const object = world.objects.get(id);
    if (object === undefined) continue;
    world.objects.delete(id);
    for (const field of object.fields.values()) waiting.push(...objectsIn(field));
    if (object.elements !== undefined) waiting.push(...objectsIn(object.elements));
  }
  forget(world, (atom) => (atom.kind === "object" && !world.objects.has(atom.object) ? undefined : atom));
}

/** How a condition that was met before came out. */
export function factOf(world: World, key: string): Ways {
  return world.facts.get(key) ?? anything;
}
