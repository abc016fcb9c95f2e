/** What is known on an edge that is not known before it: which way a test went, and what a loop that ends went over. */
import type { Edge } from "../flow/solver.js";
import type { Block, BlockId, LocalId, Operand, Place } from "../mir/mir.js";
import { isSamePlace } from "../mir/places.js";
import { gradeOfThrow } from "../summaries/raising.js";
import { turnsAtMost } from "../threads/bounds.js";
import { indexModule } from "../threads/walk.js";
import { endOf } from "./containers.js";
import { joinFeeders, noteEnd } from "./endless.js";
import type { Frame } from "./engine.js";
import { excuseUncalled } from "./optional.js";
import { forbids } from "./protocol.js";
import { evaluateOperand, reportMistakes } from "./transfer.js";
import { noteTested, noteThrough } from "./uses.js";
import {
  type AbstractValue,
  anything,
  falsy,
  just,
  makeValue,
  nullish,
  type TokenId,
  truthy,
  type Ways,
} from "./value.js";
import { copyWorld, excuseToCome, factOf, happen, reachable, setLocal, type World } from "./world.js";

/** The world on the other side of an edge. Undefined: this world does not get there. */
export function cross(frame: Frame, world: World, edge: Edge): World | undefined {
  if (edge.kind !== "throw" && edge.kind !== "raise" && isEmpty(world) && !isTestedAgain(frame, edge)) return world;
  switch (edge.kind) {
    case "goto":
      return crossLoops(frame, world, edge);
    case "branch": {
      const refined = refine(frame, world, edge);
      return refined === undefined ? undefined : crossLoops(frame, refined, edge);
    }
    case "throw": {
      const thrown = copyWorld(world);
      if (edge.from.end.kind === "throw") {
        excuseToCome(thrown);
        thrown.thrown = { span: edge.span, keyword: "throw" };
        thrown.raised = gradeOfThrow(frame.engine.module, frame.engine.conditions, edge.from.end.operand);
        noteThrough(thrown, edge.from.end.operand, undefined);
        reportMistakes(frame, thrown, edge.span);
      }
      return arrive(frame, thrown, edge.to);
    }
    case "raise":
      return arrive(frame, copyWorld(world), edge.to);
    case "unwind": {
      // Any call may throw; nobody is blamed for paths that hardly ever happen.
      const excused = copyWorld(world);
      happen(excused, unjudged(excused), "excuse");
      excused.tokens.change((token) => (token.doubtful ? token : { ...token, doubtful: true }));
      return excused;
    }
    default:
      return edge satisfies never;
  }
}

/** What is owed, or given away: of what is neither, nothing follows from where the exception came. */
function unjudged({ tokens }: World): readonly TokenId[] {
  return tokens.keysOf((token) => !token.protocol.individual || forbids(token, "use"));
}

/** Behind a `catch`, the exception is not on its way any more. */
function arrive(frame: Frame, world: World, to: BlockId): World {
  if (frame.info.body.blocks[to]?.cleanup === undefined) world.raised = undefined;
  return world;
}

/** Nothing is followed, so there is nothing to learn it for. */
function isEmpty(world: World): boolean {
  return world.tokens.size === 0 && world.locals.size === 0 && world.facts.size === 0;
}

function isTestedAgain({ engine: { conditions } }: Frame, edge: Edge): boolean {
  if (edge.kind !== "branch") return false;
  const known = conditions.ofBranch(edge);
  return known !== undefined && conditions.timesTested(known.key) > 1;
}

/** What is taken where nothing throws. */
type Passing = Extract<Edge, { kind: "goto" | "branch" }>;
type Branch = Extract<Edge, { kind: "branch" }>;

function refine(frame: Frame, world: World, edge: Branch): World | undefined {
  const { test, condition, holds } = edge;
  const refined = copyWorld(world);
  const ways = waysOf(edge);
  if (test.kind === "nullish" && ways === nullish) excuseUncalled(frame, refined, test.place, edge);
  if (test.kind !== "other" && !refinePlace(frame, refined, test.place, ways)) return undefined;
  const tested =
    test.kind === "other" ? condition : ({ kind: "place", place: test.place, span: condition.span } as const);
  if (!applyTests(frame, refined, tested, ways)) return undefined;
  if (test.kind !== "other") {
    noteTested(refined, test.place, condition.span);
    reportMistakes(frame, refined, condition.span);
  }
  if (!learn(frame, refined, edge, ways)) return undefined;
  if (!ruleOutShort(frame, refined, edge, holds)) return undefined;
  if (!holds && edge.from.loop?.kind === "for-of" && !frame.info.loops.has(edge.from.id)) {
    // A loop that never comes to a second turn ends here where there is nothing to go over.
    happen(refined, reachable(refined, [evaluateOperand(frame, refined, condition)]), "rule-out");
  }
  if (isPastLastCase(frame, edge)) happen(refined, refined.tokens.keys(), "excuse");
  return refined;
}

/**
 * Behind the last of several comparisons of one value with constants, where there is no `default` and no `else`: with
 * types such as `"a" | "b"` control never gets there, so nobody is blamed for it.
 */
function isPastLastCase(frame: Frame, { from, to, condition, holds }: Branch): boolean {
  if (holds) return false;
  const compared = comparedPlace(frame, condition);
  const compare = from.steps.findLast((step) => step.kind === "assign" && step.value.kind === "compute");
  if (compared === undefined || compare === undefined) return false;
  const { blocks } = frame.info.body;
  const hasEarlierCase = blocks.some(
    ({ end }) => end.kind === "branch" && end.else === from.id && comparedPlace(frame, end.condition) === compared,
  );
  if (!hasEarlierCase) return false;
  const start = startOf(blocks, to);
  return start === undefined || start < compare.statement.start || start >= compare.statement.end;
}

/** The key of the place that a condition compares with a constant. */
function comparedPlace(frame: Frame, condition: Operand): string | undefined {
  if (condition.kind !== "place" || condition.place.path.length > 0) return undefined;
  const value = frame.engine.conditions.definition(condition.place.base);
  if (value?.kind !== "compute" || (value.operator !== "===" && value.operator !== "==")) return undefined;
  const [left, right] = value.operands;
  return left === undefined || right?.kind !== "constant" ? undefined : frame.engine.conditions.of(left)?.key;
}

/** Where the text of a block begins. */
function startOf(blocks: readonly Block[], id: BlockId): number | undefined {
  const block = blocks[id];
  const [step] = block?.steps ?? [];
  if (step !== undefined) return step.span.start;
  if (block?.end.kind === "goto") return blocks[block.end.target]?.steps[0]?.span.start;
  return block !== undefined && "span" in block.end ? block.end.span.start : undefined;
}

/** Which ways the tested value goes on this edge. */
function waysOf({ test, holds }: Branch): Ways {
  switch (test.kind) {
    case "truthy":
      return holds !== test.negated ? truthy : falsy | nullish;
    case "nullish":
      return holds !== test.negated ? nullish : truthy | falsy;
    case "other":
      return holds ? truthy : falsy | nullish;
    default:
      return test satisfies never;
  }
}

/** False: what the place holds cannot go any of these ways. */
function refinePlace(frame: Frame, world: World, place: Place, ways: Ways): boolean {
  const value = evaluateOperand(frame, world, { kind: "place", place, span: { start: 0, end: 0 } });
  const present = value.atoms.filter((atom) => atom.kind !== "test");
  const other = value.other & ways;
  if (value.atoms.length > present.length) return true;
  if ((ways & truthy) !== 0) {
    if (present.length === 0 && other === 0) return false;
    if (place.path.length === 0 && other !== value.other) setIfKept(frame, world, place, makeValue(present, other));
    return true;
  }
  if (other === 0) return false;
  // It is not there on this path, so there is nothing to wait for.
  happen(world, reachable(world, [value]), "rule-out");
  if (place.path.length === 0 && present.length > 0) setIfKept(frame, world, place, { atoms: [], other });
  return true;
}

/** What a test says of a variable is kept where it was tracked already, or where the variable is tested again. */
function setIfKept(frame: Frame, world: World, place: Place, value: AbstractValue): void {
  const condition = frame.engine.conditions.ofPlace(place);
  const again = condition !== undefined && frame.engine.conditions.timesTested(condition.key) > 1;
  if (value.atoms.length > 0 || again) setLocal(world, place.base, value);
  else if (world.locals.has(place.base)) setLocal(world, place.base, value);
}

/** `if (h.isFinished())`, `if (!result.ok)`: on one side there is nothing to wait for. */
function applyTests(frame: Frame, world: World, tested: Operand, ways: Ways): boolean {
  const value = evaluateOperand(frame, world, tested);
  if (value.atoms.length === 0) return (value.other & ways) !== 0;
  for (const atom of value.atoms) {
    if (atom.kind === "test" && atom.when === ((ways & truthy) !== 0)) happen(world, atom.tokens, "rule-out");
  }
  return true;
}

/** A condition that is tested again comes out the same, as long as nothing it reads is written. */
function learn(frame: Frame, world: World, branch: Branch, ways: Ways): boolean {
  const { conditions } = frame.engine;
  const known = conditions.ofBranch(branch);
  if (known === undefined || conditions.timesTested(known.key) < 2) return true;
  const before = factOf(world, known.key);
  const now = before & (known.inverted ? invert(ways) : ways);
  if (now === 0) return false;
  if (now !== anything) world.facts.set(known.key, now);
  return true;
}

function invert(ways: Ways): Ways {
  return (ways & truthy) !== 0 ? falsy | nullish : truthy;
}

/** `if (handles.length === 0)`: on one side the container is empty. False: it is known to have more elements than it can have. */
function ruleOutShort(frame: Frame, world: World, { test, condition }: Branch, holds: boolean): boolean {
  const short = shortness(
    frame,
    test.kind === "truthy" ? { kind: "place", place: test.place, span: condition.span } : condition,
  );
  if (short === undefined) return true;
  const negated = test.kind === "truthy" && test.negated;
  if (short.when !== (holds !== negated)) return true;
  const value = evaluateOperand(frame, world, { kind: "place", place: short.place, span: condition.span });
  if (short.most === 0) happen(world, reachable(world, [value]), "rule-out");
  return short.most === 0 || endOf(world, value, "first") === undefined;
}

interface Shortness {
  readonly place: Place;
  /** The container has no more elements than this where the condition is `when`. */
  readonly most: 0 | 1;
  readonly when: boolean;
}

function shortness(frame: Frame, condition: Operand): Shortness | undefined {
  if (condition.kind !== "place") return undefined;
  const { place } = condition;
  const size = sizeOf(place);
  if (size !== undefined) return { place: size, most: 0, when: false };
  const value = place.path.length === 0 ? frame.engine.conditions.definition(place.base) : undefined;
  if (value?.kind === "use") return shortness(frame, value.operand);
  if (value?.kind !== "compute") return undefined;
  const [left, right] = value.operands;
  if (value.operator === "!" && left !== undefined) {
    const inner = shortness(frame, left);
    return inner === undefined ? undefined : { ...inner, when: !inner.when };
  }
  const container = left?.kind === "place" ? sizeOf(left.place) : undefined;
  if (container === undefined) return pastEnd(frame, value.operator, left, right);
  if (right?.kind !== "constant") return undefined;
  const meaning = comparisons[`${value.operator} ${right.value}`];
  return meaning && { place: container, ...meaning };
}

/** `i >= handles.length` in a function that is given the number of an element: there is none that it could have to do with. */
function pastEnd(
  { engine: { module } }: Frame,
  operator: string,
  left: Operand | undefined,
  right: Operand | undefined,
): Shortness | undefined {
  const container = right?.kind === "place" ? sizeOf(right.place) : undefined;
  const number = left?.kind === "place" && left.place.path.length === 0 ? left.place.base : undefined;
  if (container === undefined || number === undefined || module.locals[number]?.kind !== "param") return undefined;
  const isIndex = (indexModule(module).uses.get(container.base) ?? []).some(({ place }) =>
    place.path.some((part) => part.kind === "index" && part.by?.kind === "place" && part.by.place.base === number),
  );
  if (!isIndex) return undefined;
  if (operator === ">=" || operator === "===" || operator === "==") return { place: container, most: 0, when: true };
  return operator === "<" || operator === "!==" || operator === "!="
    ? { place: container, most: 0, when: false }
    : undefined;
}

/** What comparisons of a length say of it. */
const comparisons: Readonly<Record<string, Omit<Shortness, "place">>> = {
  ...alike(["=== 0", "== 0", "<= 0", "< 1"], { most: 0, when: true }),
  ...alike(["!== 0", "!= 0", "> 0", ">= 1"], { most: 0, when: false }),
  ...alike(["=== 1", "== 1", "<= 1", "< 2"], { most: 1, when: true }),
  ...alike(["!== 1", "!= 1", "> 1", ">= 2"], { most: 1, when: false }),
};

function alike<T>(names: readonly string[], meaning: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, meaning]));
}

/** The container of `container.length` or `container.size`. */
function sizeOf(place: Place): Place | undefined {
  const last = place.path.at(-1);
  if (last?.kind !== "field" || (last.name !== "length" && last.name !== "size")) return undefined;
  return { base: place.base, path: place.path.slice(0, -1) };
}

/** Loops that this edge enters or leaves. */
function crossLoops(frame: Frame, world: World, edge: Passing): World | undefined {
  let crossed = world;
  if (world.tokens.size === 0 && world.facts.size === 0) return world;
  for (const [head, members] of frame.info.loops) {
    const inside = members.has(edge.from.id);
    if (edge.from.id === head && members.has(edge.to) && world.locals.has(turnOf(frame, head))) return undefined;
    if (edge.to === head) crossed = enterTurn(frame, crossed, { head, members, first: !inside });
    else if (inside && !members.has(edge.to)) crossed = leaveLoop(frame, crossed, head, edge);
  }
  return crossed;
}

/** The number under which it is kept that a loop which takes one turn at most has taken it. */
function turnOf({ info }: Frame, head: BlockId): LocalId {
  return -1000 - info.body.id * 10_000 - head;
}

/** Something that no step takes away. */
const taken = { kind: "test", when: true, tokens: [] } as const;

interface Turn {
  readonly head: BlockId;
  readonly members: ReadonlySet<BlockId>;
  readonly first: boolean;
}

/** A new turn: fields tested in the loop may have changed, and what an earlier run of the loop took is history. */
function enterTurn(frame: Frame, world: World, { head, members, first }: Turn): World {
  const turn = copyWorld(world);
  const { conditions, module } = frame.engine;
  const block = frame.info.body.blocks[head];
  if (first) turn.locals.delete(turnOf(frame, head));
  else if (block !== undefined && turnsAtMost(module, block) === 1) turn.locals.set(turnOf(frame, head), just(taken));
  for (const id of members) {
    const end = frame.info.body.blocks[id]?.end;
    if (end?.kind !== "branch") continue;
    const condition = conditions.ofBranch(end);
    if (condition?.throughFields) turn.facts.delete(condition.key);
  }
  if (first) {
    turn.tokens.change((token) => (wasSeenIn(frame, token.seen, members) ? { ...token, seen: undefined } : token));
  }
  return turn;
}

function wasSeenIn(frame: Frame, seen: string | undefined, members: ReadonlySet<BlockId>): boolean {
  if (seen === undefined) return false;
  const [body, head] = seen.split(":").map(Number);
  return body === frame.info.body.id && members.has(head ?? -1);
}

/**
 * A loop that ends because there is nothing left has gone over all that its containers hold: what no turn has seen on
 * this path cannot be there. What a turn has seen and left alone is still owed.
 */
function leaveLoop(frame: Frame, world: World, head: BlockId, edge: Passing): World {
  const exit = { head, from: edge.from.id, to: edge.to };
  noteEnd(frame, world, exit);
  const loop = frame.info.body.blocks[head]?.loop;
  const members = frame.info.loops.get(head) ?? new Set();
  if (edge.kind !== "branch" || loop === undefined) return world;
  const closed = joinFeeders(frame, world, exit);
  const { span } = edge.condition;
  const insideBody = span.start >= loop.body.start && span.end <= loop.body.end && loop.body.start < loop.body.end;
  const drained = frame.info.drained.get(head) ?? [];
  if (insideBody && !asksForEnd(frame, edge.condition, drained)) return closed;
  const left = copyWorld(closed);
  const containers = drained.map((operand) => evaluateOperand(frame, left, operand));
  const unseen = [...reachable(left, containers)].filter((id) => !wasSeenIn(frame, left.tokens.get(id)?.seen, members));
  happen(left, unseen, "rule-out");
  left.tokens.change((token) =>
    wasSeenIn(frame, token.seen, members) ? { ...token, seen: undefined, skipped: true } : token,
  );
  return left;
}

/** `if (i >= handles.length) break;`: the loop ends here as it would at its head. */
function asksForEnd(frame: Frame, condition: Operand, drained: readonly Operand[]): boolean {
  const value =
    condition.kind === "place" && condition.place.path.length === 0
      ? frame.engine.conditions.definition(condition.place.base)
      : undefined;
  if (value?.kind !== "compute" || !/^(?:[<>]=?|[!=]==?)$/.test(value.operator)) return false;
  return value.operands.some((operand) => {
    const container = operand.kind === "place" ? sizeOf(operand.place) : undefined;
    return drained.some((one) => one.kind === "place" && container !== undefined && isSamePlace(one.place, container));
  });
}
