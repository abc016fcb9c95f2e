/** Finds the tracked values that nobody can reach any more, and says how they were lost. */
import type { Ending } from "../flow/solver.js";
import type { Step } from "../mir/mir.js";
import type { Exit, Frame, Loss } from "./engine.js";
import { obliges } from "./protocol.js";
import { receiverProtocol } from "./protocols.js";
import type { At } from "./transfer.js";
import { type AbstractValue, nullish, type ObjectId, objectsIn, type TokenId, tokensIn } from "./value.js";
import { type AbstractObject, happen, reach, reachable, type Token, type World } from "./world.js";

interface Lost {
  /** As it was before the step. */
  readonly before: World;
  /** As it is now; values that were lost are taken out of it, so that each is lost once. */
  readonly world: World;
  readonly at: At;
}

/** Forgets temporaries that are not used again, and reports what went with them or with the step. */
export function collectLost(frame: Frame, { before, world, at }: Lost): void {
  const live = frame.info.liveness.liveAfter(at.block.id, at.index);
  const { locals } = frame.engine.module;
  world.locals.change((value, id) => {
    const local = locals[id];
    return local?.kind === "temp" && local.body === frame.info.body.id && !live.has(id) ? undefined : value;
  });
  takeLost(frame, world, (lost) => {
    // What was the latest before the step may be an earlier one behind it.
    const token = before.tokens.has(lost) ? lost : lost.replace("#earlier", "#latest");
    const holder = holderOf(frame, before, token);
    const kind = lossKind(before, token, at.step);
    return { kind, ...holder, step: at.step, exit: exitOf(frame, world, at.step) };
  });
}

/** Reports what is still owed where control leaves a body. `before` has the body's variables, `world` no longer. */
export function collectAtExit(frame: Frame, before: World, world: World, end: Ending): void {
  const keyword = end.kind === "return" || end.kind === "throw" ? end.kind : undefined;
  const span = "span" in end ? end.span : frame.info.body.spans.whole;
  const implicit = end.kind === "return" && end.implicit;
  takeLost(frame, world, (token) => {
    const exit: Exit = world.thrown ? world.thrown : { span, keyword: implicit ? undefined : keyword };
    return { kind: "left", ...holderOf(frame, before, token), step: undefined, exit };
  });
}

function takeLost(frame: Frame, world: World, describe: (token: TokenId) => Omit<Loss, "site">): void {
  if (world.tokens.size === 0 && world.objects.size === 0) return;
  const { tokens: kept, objects } = reach(world, world.locals.values());
  leaveToPools(world, kept);
  const lost = world.tokens.keysOf(
    ({ parameter, protocol }, id) => !(kept.has(id) || parameter || protocol.outlivesItsNames),
  );
  for (const id of lost) {
    const token = world.tokens.get(id);
    if (token !== undefined && obliges(token)) {
      const how = token.left ?? describe(id);
      if (isWaitedFor(world, token, kept)) {
        if (token.left === undefined) world.tokens.set(id, { ...token, left: how });
        continue;
      }
      report(frame, world, id, how);
    }
    world.tokens.delete(id);
  }
  const unnamed = world.tokens.keysOf(({ protocol }, id) => protocol.outlivesItsNames && !kept.has(id));
  for (const id of unnamed) if (!isReceived(world, world.tokens.get(id))) world.tokens.delete(id);
  world.objects.change((object, id) => (objects.has(id) ? object : undefined));
}

/** Threads that nobody waits for any more are left to the pools that they run on. */
function leaveToPools(world: World, kept: ReadonlySet<TokenId>): void {
  const left = world.tokens.keysOf(({ pool }, id) => pool !== undefined && !kept.has(id));
  for (const id of left) {
    const pool = world.tokens.get(id)?.pool;
    if (pool !== undefined) happen(world, [pool], "owe");
  }
}

/** Whether somebody here can still receive from the channel of a sender. */
function isReceived(world: World, token: Token | undefined): boolean {
  const channel = token?.channel;
  if (channel === undefined) return false;
  return world.tokens.values().some((other) => other.protocol === receiverProtocol && other.channel === channel);
}

/** Whether somebody here can still receive to the end what a thread sends, and so wait for it. */
function isWaitedFor({ tokens }: World, { feeds }: Token, kept: ReadonlySet<TokenId>): boolean {
  if (feeds.length === 0) return false;
  const receivers = tokens.keysOf(
    ({ protocol, state, channel = "" }, id) =>
      protocol === receiverProtocol && state === protocol.initial && kept.has(id) && feeds.includes(channel),
  );
  return receivers.length > 0;
}

function lossKind(before: World, token: TokenId, step: Step): Loss["kind"] {
  if (step.kind === "end-scope") return "left";
  if (step.kind !== "assign" && step.kind !== "update" && step.kind !== "delete") return "discarded";
  const written = step.kind === "assign" ? step.to : step.place;
  const held = before.locals.get(written.base);
  return held !== undefined && reachable(before, [held]).has(token) ? "overwritten" : "discarded";
}

type Holder = Pick<Loss, "local" | "held" | "pending" | "wrapped" | "maybeNothing">;

/**
 * The named variable that held the value last: rather one that holds it directly than a container, and rather the
 * promise of its join than the handle.
 */
function holderOf(frame: Frame, world: World, token: TokenId): Holder {
  const { locals } = frame.engine.module;
  let holder: Pick<Loss, "local" | "held"> = { local: undefined, held: "not" };
  let wrapped: Loss["wrapped"];
  let maybeNothing = false;
  let best = 0;
  for (const [id, value] of world.locals) {
    const direct = tokensIn(value).includes(token);
    if (direct) wrapped ??= wrapperOf(value, token);
    else if (objectsIn(value).some((id) => isPromised(world, id, token))) wrapped ??= "promise";
    if (direct && (value.other & nullish) !== 0) maybeNothing = true;
    if (locals[id]?.name === undefined || !(direct || reachable(world, [value]).has(token))) continue;
    const rank = (holdsPending(world, value, token) ? 2 : 0) + (direct ? 2 : 1);
    if (rank <= best) continue;
    best = rank;
    holder = { local: id, held: direct ? "directly" : "inside" };
  }
  return { ...holder, wrapped, maybeNothing, pending: best > 2 || isPending(world, token) };
}

/** Whether a value is, or contains, the promise of the join. */
function holdsPending(world: World, value: AbstractValue, token: TokenId): boolean {
  const parts = [value, ...objectsIn(value).flatMap((id) => partsOf(world.objects.get(id)))];
  return parts.some((part) => part.atoms.some((atom) => atom.kind === "pending" && atom.token === token));
}

function partsOf(object: AbstractObject | undefined): readonly AbstractValue[] {
  if (object === undefined) return [];
  return object.elements === undefined ? [...object.fields.values()] : [...object.fields.values(), object.elements];
}

/** The outermost of what stands between a value and the token in it. */
function wrapperOf(value: AbstractValue, token: TokenId): Loss["wrapped"] {
  const around = value.atoms.find(
    (atom) => (atom.kind === "result" || atom.kind === "promise") && tokensIn(atom.of).includes(token),
  );
  return around?.kind === "result" || around?.kind === "promise" ? around.kind : undefined;
}

/** Whether a container has it in a promise that nobody has awaited. */
function isPromised(world: World, id: ObjectId, token: TokenId): boolean {
  return partsOf(world.objects.get(id)).some((part) => wrapperOf(part, token) === "promise");
}

/** Whether the promise of its join was asked for. */
function isPending(world: World, token: TokenId): boolean {
  const values = [...world.locals.values(), ...[...world.objects.values()].flatMap(partsOf)];
  return values.some((value) => value.atoms.some((atom) => atom.kind === "pending" && atom.token === token));
}

function exitOf(frame: Frame, world: World, step: Step): Exit {
  const { text } = frame.engine.module;
  const { statement, span } = step;
  const word = /^(return|throw|break|continue)\b/.exec(text.slice(statement.start, statement.start + 9))?.[1];
  if (world.thrown !== undefined && step.kind === "end-scope") return world.thrown;
  // A scope that ends on the way out of a jump ends where the jump does.
  if (step.kind !== "end-scope" || word === undefined || span.start !== statement.end)
    return { span, keyword: undefined };
  return { span: statement, keyword: word as Exit["keyword"] };
}

function report(frame: Frame, world: World, token: TokenId, how: Omit<Loss, "site">): void {
  const site = frame.engine.sites.get(world.tokens.get(token)?.site ?? "");
  if (!frame.reports || site === undefined) return;
  const key = [site.id, how.kind, how.exit.span.start, how.local ?? ""].join(":");
  if (!frame.engine.losses.has(key)) frame.engine.losses.set(key, { site, ...how });
}
