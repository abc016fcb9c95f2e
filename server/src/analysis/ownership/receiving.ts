/**
 * Loops that take what a channel brings until there is no sender left: `for await (… of rx)`, and loops around `recv()` that
 * end where it says so.
 */
import { successors } from "../flow/graph.js";
import type { Block, BlockId, LocalId, Operand, Step, Value } from "../mir/mir.js";
import { isSamePlace } from "../mir/places.js";
import { type BodyInfo, type Engine, roleOf } from "./engine.js";

/** How control leaves such a loop: an edge, and the channel's end that there is nothing left in. */
interface LastMessage {
  readonly from: BlockId;
  readonly to: BlockId;
  readonly receiver: Operand;
}

const known = new WeakMap<BodyInfo, Map<BlockId, readonly LastMessage[]>>();

/** The edges out of a loop that are taken when the channel is closed. Empty where the loop can be left otherwise, too. */
export function lastMessages(engine: Engine, info: BodyInfo, head: BlockId): readonly LastMessage[] {
  const loops = known.get(info) ?? new Map<BlockId, readonly LastMessage[]>();
  known.set(info, loops);
  const found = loops.get(head) ?? findLastMessages(engine, info, head);
  loops.set(head, found);
  return found;
}

function findLastMessages(engine: Engine, info: BodyInfo, head: BlockId): readonly LastMessage[] {
  const members = info.loops.get(head) ?? new Set();
  const ends: LastMessage[] = [];
  for (const id of members) {
    const block = info.body.blocks[id];
    if (block === undefined) continue;
    if (block.end.kind === "return") return [];
    const out = successors({ ...block, unwind: undefined }).filter((next) => !members.has(next));
    for (const to of out) {
      const receiver =
        id === head && block.loop?.kind === "for-await" ? iterated(block) : closedOn(engine, info, block, to);
      if (receiver === undefined) return [];
      ends.push({ from: id, to, receiver });
    }
  }
  return ends;
}

/** What a `for await` goes over. */
function iterated({ end }: Block): Operand | undefined {
  return end.kind === "branch" ? end.condition : undefined;
}

/** The receiver whose `recv()` gave an error, where that is why control goes to a block. */
function closedOn(engine: Engine, info: BodyInfo, { end }: Block, to: BlockId): Operand | undefined {
  if (end.kind !== "branch" || end.then === end.else) return undefined;
  const { test, condition } = end;
  const tested: Operand =
    test.kind === "truthy" ? { kind: "place", place: test.place, span: condition.span } : condition;
  const asked = askedOf(engine, tested, 0);
  if (asked === undefined) return undefined;
  const isNegated = test.kind === "truthy" && test.negated;
  const holds = (end.then === to) !== isNegated;
  return holds === asked.ok ? undefined : receivedFrom(engine, info, asked.result);
}

interface Asked {
  readonly result: LocalId;
  /** What the condition comes to for a message. */
  readonly ok: boolean;
}

/** `r.ok`, `r.isOk()`, `!r.ok`, `r.isErr()`. */
function askedOf(engine: Engine, condition: Operand, depth: number): Asked | undefined {
  if (condition.kind !== "place" || depth > 4) return undefined;
  const { base, path } = condition.place;
  const [field] = path;
  if (path.length === 1) return field?.kind === "field" && field.name === "ok" ? { result: base, ok: true } : undefined;
  const value = path.length === 0 ? engine.conditions.definition(base) : undefined;
  if (value?.kind === "use") return askedOf(engine, value.operand, depth + 1);
  if (value?.kind === "compute") {
    const [operand, constant] = value.operands;
    const inner = operand && askedOf(engine, operand, depth + 1);
    if (value.operator === "!") return inner && { ...inner, ok: !inner.ok };
    if (value.operator !== "===" || constant?.kind !== "constant" || typeof constant.value !== "boolean")
      return undefined;
    return inner && { ...inner, ok: inner.ok === constant.value };
  }
  if (value?.kind !== "call" || value.receiver?.kind !== "place" || value.receiver.place.path.length > 0)
    return undefined;
  const role = roleOf(engine, value);
  return role?.kind === "finished" ? { result: value.receiver.place.base, ok: !role.when } : undefined;
}

/** The one receiver from which a variable gets all of its values. */
function receivedFrom(engine: Engine, { body }: BodyInfo, local: LocalId): Operand | undefined {
  let receiver: Operand | undefined;
  for (const { steps } of body.blocks) {
    for (const step of steps) {
      if (!writes(step, local)) continue;
      const from = step.kind === "assign" && step.to.path.length === 0 ? receiverOf(engine, step.value) : undefined;
      if (from === undefined || (receiver !== undefined && !isSame(receiver, from))) return undefined;
      receiver = from;
    }
  }
  return receiver;
}

function writes(step: Step, local: LocalId): boolean {
  if (step.kind === "assign") return step.to.base === local;
  return (step.kind === "update" || step.kind === "delete") && step.place.base === local;
}

/** The receiver of `rx.recv()`, awaited, or of `rx.recvSync()`. One that waits for a while only may well go on. */
function receiverOf(engine: Engine, value: Value): Operand | undefined {
  if (value.kind === "await" || value.kind === "use") {
    const { operand } = value;
    const inner = operand.kind === "place" && operand.place.path.length === 0 ? operand.place.base : undefined;
    const definition = inner === undefined ? undefined : engine.conditions.definition(inner);
    return definition === undefined ? undefined : receiverOf(engine, definition);
  }
  if (value.kind !== "call" || value.args.length > 0) return undefined;
  const role = roleOf(engine, value);
  return role?.kind === "wait" && role.until === "message" ? value.receiver : undefined;
}

function isSame(a: Operand, b: Operand): boolean {
  return a.kind === "place" && b.kind === "place" && isSamePlace(a.place, b.place);
}

/** Whether a body comes to its end only behind such a loop over what one of its parameters brings. */
export function receivesToTheEnd(engine: Engine, info: BodyInfo, parameter: LocalId): boolean {
  for (const head of info.loops.keys()) {
    const ends = lastMessages(engine, info, head);
    const [first] = ends;
    if (first === undefined) continue;
    const isOver = ends.every(
      ({ receiver }) =>
        receiver.kind === "place" && receiver.place.base === parameter && receiver.place.path.length === 0,
    );
    if (isOver && !endsWithout(info, head)) return true;
  }
  return false;
}

/** Whether the body can be left on a way that does not lead through a block. */
function endsWithout({ body: { blocks } }: BodyInfo, head: BlockId): boolean {
  const met = new Set<BlockId>([0]);
  if (head === 0) return false;
  // A set goes on to what is added while it is walked.
  for (const id of met) {
    const block = blocks[id];
    if (block === undefined) continue;
    if (block.end.kind === "return" || block.end.kind === "throw") return true;
    for (const next of successors({ ...block, unwind: undefined })) if (next !== head) met.add(next);
  }
  return false;
}
