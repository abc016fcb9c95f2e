/** What the calls of a thread library make: handles, guards, the ends of channels, Results. */
import type { Role } from "../models/model.js";
import type { CallParts } from "./calls.js";
import { allocate } from "./containers.js";
import { awaitedChannels, fedChannels, letsGo, noteJoin } from "./endless.js";
import type { Frame, Site } from "./engine.js";
import type { Protocol } from "./protocol.js";
import {
  guardProtocol,
  handleProtocol,
  outcomeProtocol,
  pooledProtocol,
  poolProtocol,
  receiverProtocol,
  senderProtocol,
} from "./protocols.js";
import { makeToken } from "./tokens.js";
import { objectId } from "./transfer.js";
import {
  type AbstractValue,
  type Atom,
  anything,
  directTokens,
  just,
  makeValue,
  nullish,
  promiseOf,
  type TokenId,
  tokensIn,
  unknown,
  type Ways,
} from "./value.js";
import { ownsMemory } from "./variables.js";
import { befall, happen, reachable, type World } from "./world.js";

interface Making {
  readonly protocol: Protocol;
  /** `wrapper`: a function of the project made it. */
  readonly origin?: Site["origin"];
  /** Tells apart what one call makes. */
  readonly part?: number;
  readonly channel?: string;
}

/** A new value, made by a call. */
export function makeTracked({ frame, call, at }: CallParts, world: World, making: Making): AbstractValue {
  const { protocol, origin = "made", part = 0, channel } = making;
  const id = `${call.spans.whole.start}.${call.spans.whole.end}.${part}`;
  const { sites } = frame.engine;
  if (!sites.has(id)) {
    const holder = { local: undefined, container: undefined, join: undefined, met: false, lent: [] };
    sites.set(id, { id, body: frame.info.body.id, call, step: at.step, origin, protocol, ...holder });
  }
  return makeToken(world, id, protocol, channel);
}

/** The handle of a thread that a call starts. */
export function handleValue(parts: CallParts, world: World): AbstractValue {
  const waitsFor = awaitedChannels(parts.frame, world, parts.call);
  const feeds = fedChannels(parts.frame, world, parts.call);
  const keeps = waitsFor.length === 0 || feeds.length === 0 || letsGo(parts.frame, parts.call) ? [] : feeds;
  const handle = makeTracked(parts, world, { protocol: handleProtocol });
  if (waitsFor.length === 0 && feeds.length === 0) return handle;
  for (const id of directTokens(handle)) {
    const token = world.tokens.get(id);
    if (token !== undefined) world.tokens.set(id, { ...token, waitsFor, feeds, keeps });
  }
  return handle;
}

/** The handle of a thread of a pool that is known, which joins it where nobody does. */
export function pooledHandle(parts: CallParts, world: World): AbstractValue {
  const [pool, ...others] = directTokens(parts.receiver);
  if (pool === undefined || others.length > 0 || world.tokens.get(pool)?.protocol !== poolProtocol) return unknown;
  const handle = makeTracked(parts, world, { protocol: pooledProtocol });
  for (const id of directTokens(handle)) {
    const token = world.tokens.get(id);
    if (token !== undefined) world.tokens.set(id, { ...token, pool });
  }
  return handle;
}

/** The promise of a pool's `join()`, which waits once it is awaited. */
export function drainValue({ frame, call, receiver }: CallParts, world: World): AbstractValue {
  for (const site of sitesOf(frame, world, receiver)) site.join = call;
  const pools = directTokens(receiver).filter((id) => world.tokens.get(id)?.protocol === poolProtocol);
  if (pools.length === 0) return unknown;
  return makeValue(
    pools.map((token): Atom => ({ kind: "pending", token })),
    0,
  );
}

type Mode = "async" | "sync";

export function inResult(value: AbstractValue, mode: Mode): AbstractValue {
  if (value.atoms.length === 0) return unknown;
  return soon(just({ kind: "result", of: value }), mode);
}

function soon(value: AbstractValue, mode: Mode): AbstractValue {
  return mode === "async" ? promiseOf(value) : value;
}

/** `join()` waits once it is awaited, and may give a Result at which somebody must look. */
export function joinValue(parts: CallParts, world: World, { mode, returns }: JoinRole): AbstractValue {
  const { frame, call, receiver, at } = parts;
  const outcome =
    returns === "result" ? makeTracked(parts, world, { protocol: outcomeProtocol, part: outcomePart }) : unknown;
  if (mode === "sync") {
    noteJoin(frame, world, tokensIn(receiver), at.step);
    happen(world, tokensIn(receiver), "join");
    return outcome;
  }
  for (const site of sitesOf(frame, world, receiver)) site.join = call;
  const atoms = tokensIn(receiver).map((token): Atom => ({ kind: "pending", token }));
  if (outcome.atoms.length > 0)
    return makeValue([...atoms, ...promiseOf(outcome).atoms], receiver.other & ~nullish & present(atoms));
  return atoms.length === 0 ? unknown : makeValue(atoms, receiver.other & ~nullish);
}

/** Of a receiver that is not tracked, nothing follows for the promise. */
function present(atoms: readonly Atom[]): Ways {
  return atoms.length === 0 ? 0 : anything;
}

type SendRole = Extract<Role, { kind: "send" }>;
type JoinRole = Extract<Role, { kind: "join" }>;

/** Behind what a call makes otherwise. */
const outcomePart = -1;

export function sitesOf(frame: Frame, world: World, value: AbstractValue): readonly Site[] {
  return sitesFor(frame, world, tokensIn(value));
}

/** Of what is in containers, too. */
export function sitesInside(frame: Frame, world: World, value: AbstractValue): readonly Site[] {
  return sitesFor(frame, world, [...reachable(world, [value])]);
}

function sitesFor({ engine: { sites } }: Frame, { tokens }: World, ids: readonly TokenId[]): readonly Site[] {
  return ids.flatMap((id) => sites.get(tokens.get(id)?.site ?? "") ?? []);
}

/** What is sent is moved, unless the Result says that it was not, or a copy was. */
export function sendValue(parts: CallParts, world: World, { mode, copies }: SendRole): AbstractValue {
  const { call, at, args } = parts;
  const carries: TokenId[] = [];
  for (const [index, arg] of args.entries()) {
    const origin = { span: call.args[index]?.value.span ?? call.spans.whole, call, step: at.step };
    if (copies) {
      happen(world, reachable(world, [arg]), "use", origin);
      continue;
    }
    carries.push(...reachable(world, [arg]));
    // What there is no room for is sent again and again.
    befall(world, arg, call.method === "trySend" ? "escape" : "move", origin);
  }
  const outcome = makeTracked(parts, world, { protocol: outcomeProtocol, part: outcomePart });
  for (const id of directTokens(outcome)) {
    const token = world.tokens.get(id);
    if (token !== undefined) world.tokens.set(id, { ...token, carries });
  }
  return soon(outcome, mode);
}

export function lockValue(parts: CallParts, world: World, role: Extract<Role, { kind: "lock" }>): AbstractValue {
  const guard = makeTracked(parts, world, { protocol: guardProtocol });
  return role.returns === "guard" ? soon(guard, role.mode) : inResult(guard, role.mode);
}

/** `[tx, rx]` */
export function channelValue(parts: CallParts, world: World): AbstractValue {
  const channel = objectId(parts.frame, parts.at);
  const sender = makeTracked(parts, world, { protocol: senderProtocol, channel });
  const receiver = makeTracked(parts, world, { protocol: receiverProtocol, part: 1, channel });
  const fields = new Map([
    ["0", sender],
    ["1", receiver],
  ]);
  return allocate(world, channel, { fields, elements: undefined });
}

/** Another sender keeps the channel open too. Of all else, a clone is a value of its own. */
export function cloneValue(parts: CallParts, world: World): AbstractValue {
  const [token] = directTokens(parts.receiver).map((id) => world.tokens.get(id));
  if (token?.protocol !== senderProtocol || token.channel === undefined) return unknown;
  return makeTracked(parts, world, { protocol: senderProtocol, channel: token.channel });
}

/** What looks at the same memory is moved with it. A view of a view is a copy, when it is made by `new`. */
export function overlayValue({ frame, call, receiver, args }: CallParts, world: World): AbstractValue {
  if (call.form !== "new") return makeValue(individuals(world, receiver), receiver.other);
  const [first = unknown] = args;
  const operand = call.args[0]?.value;
  if (operand?.kind !== "place") return unknown;
  const { base, path } = operand.place;
  const last = path.at(-1);
  const isMemory =
    last === undefined
      ? ownsMemory(frame.engine.models, frame.engine.module.locals[base])
      : last.kind === "field" && last.name === "buffer";
  return isMemory ? makeValue(individuals(world, first), 0) : unknown;
}

function individuals(world: World, value: AbstractValue): readonly Atom[] {
  return value.atoms.filter((atom) => atom.kind === "tracked" && world.tokens.get(atom.token)?.protocol.individual);
}
