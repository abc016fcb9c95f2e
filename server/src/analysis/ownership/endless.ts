/** What waits for the end of a channel which its own function keeps open: a loop over it, and the join of a thread in such a loop. */
import { readBy } from "../flow/operands.js";
import type { BlockId, Call, Operand, Step } from "../mir/mir.js";
import { withNested } from "../threads/walk.js";
import { read } from "./contents.js";
import { type Endless, type Frame, roleOf, type Site } from "./engine.js";
import { receiverProtocol, senderProtocol } from "./protocols.js";
import { lastMessages, receivesToTheEnd } from "./receiving.js";
import { evaluateOperand } from "./transfer.js";
import { directTokens, type TokenId } from "./value.js";
import { copyWorld, feedersOf, happen, reachable, type Token, type World } from "./world.js";

/**
 * Control leaves a loop over a receiver since there are no more messages: then no sender is left, or it does not get here.
 * A loop that can be left otherwise, or that has something to do with the sender itself, is not judged.
 */
export function noteEnd(frame: Frame, world: World, edge: LoopExit): void {
  const loop = frame.info.body.blocks[edge.head]?.loop;
  // An async function that is called here and not awaited runs side by side with what drops the sender.
  if (!frame.reports || loop === undefined || frame.stack.length > 1) return;
  const { engine } = frame;
  const end = lastMessages(engine, frame.info, edge.head).find(({ from, to }) => from === edge.from && to === edge.to);
  if (end === undefined) return;
  const key = `${frame.info.body.id}:${edge.head}`;
  for (const channel of channelsOf(frame, world, end.receiver)) {
    const open = keptOpen(frame, world, channel, (sender) => isMentioned(frame, world, edge.head, sender));
    if (open === undefined) engine.ending.add(key);
    else engine.endless.set(key, { kind: "loop", body: frame.info.body.id, loop, operand: end.receiver, ...open });
  }
}

export interface LoopExit {
  readonly head: BlockId;
  readonly from: BlockId;
  readonly to: BlockId;
}

/** The channels whose receiving end an operand is. */
function channelsOf(frame: Frame, world: World, operand: Operand): readonly string[] {
  return directTokens(evaluateOperand(frame, world, operand)).flatMap((id) => {
    const receiver = world.tokens.get(id);
    return receiver?.protocol === receiverProtocol && receiver.channel !== undefined ? [receiver.channel] : [];
  });
}

/** What keeps a channel open: a sender of this function, or a thread that waits for a channel which one keeps open. */
function keptOpen(
  frame: Frame,
  world: World,
  channel: string,
  isMeant: (sender: TokenId) => boolean,
  met: readonly string[] = [],
): Pick<Extract<Endless, { kind: "loop" }>, "sender" | "through"> | undefined {
  const sender = openSender(frame, world, channel, isMeant);
  if (sender !== undefined) return { sender, through: undefined };
  for (const { keeps, waitsFor, site } of world.tokens.values()) {
    if (!keeps.includes(channel)) continue;
    for (const awaited of waitsFor) {
      const open = met.includes(awaited) ? undefined : keptOpen(frame, world, awaited, isMeant, [...met, channel]);
      if (open !== undefined) return { sender: open.sender, through: frame.engine.sites.get(site) };
    }
  }
  return undefined;
}

/** Where a sender is made that nobody but this function can drop. */
function openSender(
  { engine }: Frame,
  world: World,
  channel: string,
  isMeant: (sender: TokenId) => boolean,
): Site | undefined {
  for (const [id, token] of world.tokens) {
    if (token.protocol !== senderProtocol || token.channel !== channel) continue;
    if (token.state === senderProtocol.initial && !isMeant(id)) return engine.sites.get(token.site);
  }
  return undefined;
}

/** Whether the loop does something with the value. */
function isMentioned({ info }: Frame, world: World, head: BlockId, token: TokenId): boolean {
  const steps = [...(info.loops.get(head) ?? [])].flatMap((id) => info.body.blocks[id]?.steps ?? []);
  return steps.some((step) =>
    readBy(step).some(
      (operand) => operand.kind === "place" && reachable(world, [read(world, operand.place)]).has(token),
    ),
  );
}

/**
 * Behind a loop over all that a channel brings, every thread that was given a sender of it has let go of that: it has ended,
 * or has nothing more to say. That is what `join` would have waited for.
 */
export function joinFeeders(frame: Frame, world: World, edge: LoopExit): World {
  if (!world.tokens.values().some(({ feeds }) => feeds.length > 0)) return world;
  const ends = lastMessages(frame.engine, frame.info, edge.head);
  const end = ends.find(({ from, to }) => from === edge.from && to === edge.to);
  if (end === undefined) return world;
  const joined = copyWorld(world);
  for (const channel of channelsOf(frame, world, end.receiver)) happen(joined, feedersOf(joined, channel), "join");
  return joined;
}

/** The channels of which a thread that is started here is given a sender. */
export function fedChannels(frame: Frame, world: World, spawn: Call): readonly string[] {
  const { conditions } = frame.engine;
  return (movedTo(frame, spawn)?.args ?? []).flatMap(({ value }) => {
    const made =
      value.kind === "place" && value.place.path.length === 0 ? conditions.definition(value.place.base) : undefined;
    // Nobody holds a clone any more that was made to be moved.
    const source = made?.kind === "call" && roleOf(frame.engine, made)?.kind === "clone" ? made.receiver : value;
    const tokens = source === undefined ? [] : directTokens(evaluateOperand(frame, world, source));
    return tokens.flatMap((id) => {
      const { protocol, channel } = world.tokens.get(id) ?? {};
      return protocol === senderProtocol && channel !== undefined ? [channel] : [];
    });
  });
}

/** Whether a thread that is started here may let go of what it is given before it comes to its end. */
export function letsGo(frame: Frame, spawn: Call): boolean {
  const { engine } = frame;
  const closure = spawn.args[1]?.value;
  const body = closure && bodyOf(frame, closure);
  if (body === undefined) return true;
  return withNested(engine.module, body).some(({ blocks }) =>
    blocks.some(({ steps }) =>
      steps.some((step) => {
        if (step.kind === "dispose") return true;
        return step.kind === "assign" && step.value.kind === "call" && roleOf(engine, step.value)?.kind === "drop";
      }),
    ),
  );
}

/** The `move(…)` that a thread is started with. */
function movedTo({ engine }: Frame, spawn: Call): Call | undefined {
  const moved = spawn.args[0]?.value;
  if (moved?.kind !== "place" || moved.place.path.length > 0) return undefined;
  const moving = engine.conditions.definition(moved.place.base);
  return moving?.kind === "call" ? moving : undefined;
}

/** The channels for whose end a thread waits that is started here, before it comes to its own. */
export function awaitedChannels(frame: Frame, world: World, spawn: Call): readonly string[] {
  const { engine } = frame;
  const closure = spawn.args[1]?.value;
  const moving = movedTo(frame, spawn);
  const body = closure && bodyOf(frame, closure);
  if (moving === undefined || body === undefined) return [];
  const { params = [] } = engine.module.bodies[body] ?? {};
  return params.flatMap(({ arrives, rest }, index) => {
    const given = moving.args[index];
    if (rest || given === undefined || moving.args.slice(0, index + 1).some(({ spread }) => spread)) return [];
    const channels = channelsOf(frame, world, given.value);
    return channels.length > 0 && receivesToTheEnd(engine, engine.info(body), arrives) ? channels : [];
  });
}

function bodyOf({ engine }: Frame, closure: Operand): number | undefined {
  if (closure.kind === "function") return closure.body;
  if (closure.kind !== "place" || closure.place.path.length > 0) return undefined;
  return engine.module.locals[closure.place.base]?.function;
}

/** Somebody waits for threads: one that waits for the end of a channel of which this function has a sender never ends. */
export function noteJoin(frame: Frame, world: World, handles: readonly TokenId[], step: Step): void {
  if (!frame.reports || frame.stack.length > 1) return;
  for (const id of handles) {
    const handle = world.tokens.get(id);
    if (handle === undefined || handle.waitsFor.length === 0) continue;
    note(frame, world, handle, step);
  }
}

function note(frame: Frame, world: World, handle: Token, step: Step): void {
  const { engine } = frame;
  const thread = engine.sites.get(handle.site);
  const key = `join ${step.span.start}:${step.span.end}`;
  const found = handle.waitsFor.map((channel) => keptOpen(frame, world, channel, () => false));
  const open = found.find((one) => one !== undefined);
  if (open === undefined || thread === undefined) engine.ending.add(key);
  else engine.endless.set(key, { kind: "join", body: frame.info.body.id, step, thread, ...open });
}
