/** Runs bodies: the solver with sets of worlds as states. */
import { type Edge, type Ending as End, solve } from "../flow/solver.js";
import type { Body, BodyId, LocalId, Operand, Step } from "../mir/mir.js";
import { gradeOfThrow } from "../summaries/raising.js";
import { allocate } from "./containers.js";
import { cross } from "./edges.js";
import type { Frame } from "./engine.js";
import { collectAtExit } from "./lost.js";
import { forbids } from "./protocol.js";
import { isPanicAgain, passOn } from "./raise.js";
import {
  type At,
  type Evaluated,
  evaluateOperand,
  reportMistakes,
  returned,
  returnValue,
  transfer,
} from "./transfer.js";
import { noteThrough } from "./uses.js";
import { type AbstractValue, directTokens, type TokenId, unknown } from "./value.js";
import { valueOfType } from "./variables.js";
import { copyWorld, excuseToCome, giveAway, happen, hintOf, sameWorld, type World } from "./world.js";

/** More ways than this to come to one point, and the analysis says nothing of what lies behind it. */
const maxWorlds = 96;

/** Calls deeper in each other than this are not followed. */
const maxDepth = 6;

/** All ways to have come to a point, each once. */
interface Worlds {
  readonly list: readonly World[];
  readonly tooMany: boolean;
}

const nowhere: Worlds = { list: [], tooMany: true };

/** So many are simply compared with each other. */
const fewWorlds = 6;

/** Each of several worlds once. */
function distinct(worlds: readonly World[]): Worlds {
  if (worlds.length < 2) return { list: worlds, tooMany: false };
  const list: World[] = [];
  const byHint = new Map<string, number[]>();
  for (const world of worlds) {
    const hint = worlds.length > fewWorlds ? hintOf(world) : "";
    const alike = byHint.get(hint) ?? [];
    byHint.set(hint, alike);
    const known = alike.find((index) => sameWorld(list[index] ?? world, world));
    if (known === undefined) alike.push(list.push(world) - 1);
  }
  return list.length > maxWorlds ? nowhere : { list, tooMany: false };
}

/** What comes to a point again is the world that came first, so that what its steps did to it is known. */
function join(a: Worlds, b: Worlds): Worlds {
  if (a.tooMany || b.tooMany) return nowhere;
  return b.list.every((world) => a.list.includes(world)) ? a : distinct([...a.list, ...b.list]);
}

/** What a step made of a world. */
interface Taken {
  readonly step: Step;
  readonly after: readonly World[];
  readonly raised: readonly World[];
}

/**
 * A world takes each step once: a block that control comes to again is walked for the worlds that are new there.
 *
 * @returns takes a world through a step, and adds those in which the step throws to `raised`
 */
function takeOnce(frame: Frame): (world: World, at: At, raised: World[]) => readonly World[] {
  const taken = new Map<World, Taken>();
  return (world, at, raised) => {
    // Behind a step that leaves it as it is, a world takes others.
    const known = taken.get(world);
    if (known?.step === at.step) {
      raised.push(...known.raised);
      return known.after;
    }
    const before = raised.length;
    const after = transfer(frame, world, at);
    if (after[0] !== world || raised.length > before)
      taken.set(world, { step: at.step, after, raised: raised.slice(before) });
    return after;
  };
}

/** Takes each world on; undefined where none gets there. */
function eachWorld(state: Worlds, next: (world: World) => readonly World[]): Worlds | undefined {
  if (state.tooMany) return state;
  const worlds: World[] = [];
  let changed = false;
  for (const world of state.list) {
    const after = next(world);
    if (after.length !== 1 || after[0] !== world) changed = true;
    worlds.push(...after);
  }
  // Most steps change nothing, and comparing worlds is what costs.
  if (!changed) return state;
  return worlds.length === 0 ? undefined : distinct(worlds);
}

function isNextTurn({ info }: Frame, edge: Edge): boolean {
  return info.loops.get(edge.to)?.has(edge.from.id) ?? false;
}

function excuseChosen(state: Worlds): Worlds {
  const list = excuseChosenIn(state.list);
  return list === state.list ? state : distinct(list);
}

/**
 * What a turn of a loop moves on some of its paths only, and keeps on others, may be moved in the last turn alone: in
 * later turns it is not judged. `i === last ? tx : tx.clone()` is how a thread gets the sender itself.
 */
export function excuseChosenIn(worlds: readonly World[]): readonly World[] {
  if (worlds.length < 2) return worlds;
  const kept = new Set<TokenId>();
  for (const { tokens } of worlds)
    for (const [id, token] of tokens)
      if (token.protocol.individual && !token.doubtful && !forbids(token, "use")) kept.add(id);
  if (kept.size === 0) return worlds;
  let changed = false;
  const list = worlds.map((world) => {
    const chosen = world.tokens.keysOf((token, id) => kept.has(id) && forbids(token, "use"));
    if (chosen.length === 0) return world;
    changed = true;
    const excused = copyWorld(world);
    happen(excused, chosen, "excuse");
    return excused;
  });
  return changed ? list : worlds;
}

export interface RunResult {
  /** Every way out of the body by a `return` or its end. */
  readonly endings: readonly Evaluated[];
  /** Every way out of it by an exception that is seen to be thrown. */
  readonly raised: readonly World[];
  /** False where some path was too complicated: what the body does is then not known. */
  readonly complete: boolean;
}

/** Runs one body from the given worlds, with its parameters already in place. */
export function runBody(frame: Frame, entry: readonly World[]): RunResult {
  const { body } = frame.info;
  if (frame.reports) frame.engine.visited.add(body.id);
  const take = takeOnce(frame);
  const solution = solve<Worlds>(
    body,
    {
      join,
      equals: (a, b) => a.tooMany === b.tooMany && a.list.length === b.list.length,
      step: (state, { step, block, index }, raise) => {
        const raised: World[] = [];
        const at: At = { step, block, index, raise: (world) => raised.push(world) };
        const after = eachWorld(state, (world) => take(world, at, raised));
        if (raised.length > 0) raise(distinct(raised));
        return after;
      },
      edge: (state, edge) => {
        const crossing = isNextTurn(frame, edge) ? excuseChosen(state) : state;
        return eachWorld(crossing, (world) => listed(cross(frame, world, edge)));
      },
    },
    distinct(entry),
  );
  const endings: Evaluated[] = [];
  const raised: World[] = [];
  for (const { end, state } of solution.exits) {
    for (const before of state.list) {
      const ending = leave(frame, before, end);
      if (end.kind === "return") endings.push(ending);
      else if (ending.world.raised !== undefined) raised.push(ending.world);
    }
  }
  return { endings, raised, complete: solution.complete && !solution.exits.some((exit) => exit.state.tooMany) };
}

/** Takes a world out of the body: its variables end, and what only they held is lost. */
function leave(frame: Frame, before: World, end: End): Evaluated {
  const world = copyWorld(before);
  const isThrown = end.kind === "throw" && !isPanicAgain(frame, world, end.operand);
  if (end.kind === "throw") {
    world.raised = gradeOfThrow(frame.engine.module, frame.engine.conditions, end.operand);
    excuseToCome(world);
  }
  // A panic that nobody catches ends what was waited for, too.
  if (!isThrown && world.raised === "panics") happen(world, world.tokens.keys(), "excuse");
  const value = end.kind === "return" ? returnValue(frame, world, end.operand) : unknown;
  if ((end.kind === "return" || end.kind === "throw") && end.operand !== undefined)
    noteReturned(frame, world, end.operand);
  const { locals } = frame.engine.module;
  for (const id of world.locals.keys()) if (locals[id]?.body === frame.info.body.id) world.locals.delete(id);
  world.locals.set(returned, value);
  collectAtExit(frame, before, world, end);
  world.locals.delete(returned);
  return { world, value };
}

/** What was moved away cannot be given back. */
function noteReturned(frame: Frame, world: World, operand: Operand): void {
  for (const id of directTokens(evaluateOperand(frame, world, operand))) {
    const token = world.tokens.get(id);
    if (token !== undefined && forbids(token, "return")) happen(world, [id], "return");
  }
  noteThrough(world, operand, undefined);
  reportMistakes(frame, world, operand.span);
}

/** The body of a callee that can be followed from here, or undefined. */
export function followable(frame: Frame, value: AbstractValue): BodyId | undefined {
  const [atom] = value.atoms;
  if (value.atoms.length !== 1 || atom?.kind !== "function") return undefined;
  const { closures } = frame.engine;
  if (!closures.followed(atom.body) || frame.stack.includes(atom.body) || frame.stack.length > maxDepth)
    return undefined;
  return atom.body;
}

/** Calls a function that runs at once, with the variables around it as they are now. */
export function follow(
  frame: Frame,
  world: World,
  body: BodyId,
  { args, at }: { readonly args: readonly AbstractValue[]; readonly at: At },
): readonly Evaluated[] {
  const info = frame.engine.info(body);
  const inner: Frame = { ...frame, info, stack: [...frame.stack, body] };
  const entry = copyWorld(world);
  for (const [index, parameter] of info.body.params.entries()) {
    bind(
      inner,
      entry,
      parameter.arrives,
      parameter.rest ? restOf(entry, body, args.slice(index)) : (args[index] ?? unknown),
    );
  }
  const { endings, raised, complete } = runBody(inner, [entry]);
  if (info.body.async) for (const ending of endings) excuseLater(info.body, ending.world);
  // An async function rejects, which is seen where that is waited for.
  else if (complete) for (const one of raised) at.raise(passOn(one, at.step.span));
  if (complete) return endings;
  const lost = copyWorld(world);
  happen(lost, lost.tokens.keys(), "escape");
  return [{ world: lost, value: unknown }];
}

/** What an async function moves or drops behind its first `await` may happen behind what its caller does next. */
function excuseLater({ blocks, spans }: Body, world: World): void {
  const later = world.tokens.keysOf((token) => {
    const at = token.since?.span.start;
    if (at === undefined || !forbids(token, "use") || at < spans.whole.start || at >= spans.whole.end) return false;
    return blocks.some(({ steps }) => steps.some((step) => waits(step) && step.span.start < at));
  });
  if (later.length > 0) happen(world, later, "excuse");
}

function waits(step: Step): boolean {
  return step.kind === "assign" && (step.value.kind === "await" || (step.value.kind === "element" && step.value.async));
}

function restOf(world: World, body: BodyId, values: readonly AbstractValue[]): AbstractValue {
  const fields = new Map(values.map((value, index) => [String(index), value] as const));
  return allocate(world, `rest of ${body}`, { fields, elements: undefined });
}

function bind(frame: Frame, world: World, local: LocalId, value: AbstractValue): void {
  const declared = frame.engine.module.locals[local];
  if (value.atoms.length === 0) {
    const known = declared === undefined ? unknown : valueOfType(frame, world, declared, undefined);
    if (known.atoms.length > 0 && !frame.engine.closures.outOfSight(local)) world.locals.set(local, known);
    return;
  }
  const name = declared?.name;
  // Nothing escapes for a parameter that is not used, since its caller still has it.
  if (name !== undefined && frame.engine.closures.outOfSight(local)) giveAway(world, value);
  else world.locals.set(local, value);
}

function listed(world: World | undefined): readonly World[] {
  return world === undefined ? [] : [world];
}
