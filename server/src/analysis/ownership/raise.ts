/** What is still owed where a call throws before the eyes of the analysis. */
import type { Span } from "../diagnostic.js";
import type { Call, Operand, Step } from "../mir/mir.js";
import {
  awaitedCall,
  calledFunction,
  type Grade,
  isCaught,
  isUnwrap,
  namedFunction,
  type Raising,
} from "../summaries/raising.js";
import { effectOn } from "../summaries/summary.js";
import { type Engine, type Frame, roleOf } from "./engine.js";
import { guardProtocol, handleProtocol } from "./protocols.js";
import { type At, evaluateOperand } from "./transfer.js";
import { type AbstractValue, objectsIn, type TokenId, tokensIn } from "./value.js";
import { type AbstractObject, copyWorld, happen, reachable, type World } from "./world.js";

/** A step that throws. */
interface Raise {
  readonly call: Call;
  readonly grade: Grade | undefined;
  /** It does nothing else. */
  readonly never: boolean;
}

/** Raises the world in which the step throws. False: the step only throws. */
export function raiseOrGoOn(frame: Frame, before: World, at: At): boolean {
  if (before.tokens.size === 0) return true;
  const raise = raiseOf(frame.engine, at.step);
  if (raise === undefined) return true;
  const { grade, call, never } = raise;
  // A panic matters to a `catch` in sight only.
  if (grade === "throws" || (grade === "panics" && at.block.unwind !== undefined)) {
    const world = copyWorld(before);
    world.raised = grade;
    excuseGiven(frame, world, call);
    excuseAwaited(frame, world, at.step);
    at.raise(passOn(world, call.spans.whole));
  }
  return !never;
}

/** Of what is lost by an exception that comes out of a call, not everything is worth a word. */
export function passOn(world: World, call: Span): World {
  world.thrown = { span: call, keyword: "call", ...(world.raised && { grade: world.raised }) };
  const pending = pendingTokens(world);
  const excused = world.tokens.keysOf(({ protocol }, id) => {
    if (protocol.individual) return false;
    const isOwed = protocol === guardProtocol || (protocol === handleProtocol && world.raised === "throws");
    return !isOwed || pending.has(id);
  });
  happen(world, excused, "excuse");
  return world;
}

/** A panic that was caught, and is thrown on. */
export function isPanicAgain({ engine }: Frame, { thrown }: World, operand: Operand): boolean {
  return thrown?.grade === "panics" && isCaught(engine.module, engine.conditions, operand);
}

/** Handles whose join was asked for, and guards that nobody has yet: somebody waits for them, though nobody looks at it. */
function pendingTokens(world: World): ReadonlySet<TokenId> {
  const found = new Set<TokenId>();
  const look = (value: AbstractValue): void => {
    for (const atom of value.atoms) {
      if (atom.kind === "pending") found.add(atom.token);
      else if (atom.kind === "promise") for (const token of tokensIn(atom.of)) found.add(token);
    }
  };
  for (const value of world.locals.values()) look(value);
  for (const object of world.objects.values()) for (const value of contents(object)) look(value);
  return found;
}

function contents({ fields, elements }: AbstractObject): readonly AbstractValue[] {
  return elements === undefined ? [...fields.values()] : [...fields.values(), elements];
}

/** What the function was given, it may have done with what it does before it threw. */
function excuseGiven(frame: Frame, world: World, call: Call): void {
  const given = [...call.args.map(({ value }) => value), ...(call.receiver === undefined ? [] : [call.receiver])];
  const values = given.map((operand) => evaluateOperand(frame, world, operand));
  if (values.every(({ atoms }) => atoms.length === 0)) return;
  const symbol = calledFunction(frame.engine.module, call);
  const summary = symbol === undefined ? undefined : frame.engine.summary(symbol);
  for (const [index, value] of values.entries()) {
    const effect = index < call.args.length ? summary && effectOn(summary, index) : summary?.receiver;
    if (effect !== "borrows" || objectsIn(value).length > 0) happen(world, reachable(world, [value]), "excuse");
  }
}

/** What a promise would have brought, it never brings once it is rejected. */
function excuseAwaited(frame: Frame, world: World, step: Step): void {
  if (step.kind !== "assign" || step.value.kind !== "await") return;
  happen(world, reachable(world, [evaluateOperand(frame, world, step.value.operand)]), "excuse");
}

const raises = new WeakMap<Engine, Map<Step, Raise | "none">>();

function raiseOf(engine: Engine, step: Step): Raise | undefined {
  if (step.kind !== "assign" || (step.value.kind !== "call" && step.value.kind !== "await")) return undefined;
  const known = raisesIn(engine);
  const before = known.get(step);
  if (before !== undefined) return before === "none" ? undefined : before;
  const found = findRaise(engine, step);
  known.set(step, found ?? "none");
  return found;
}

function raisesIn(engine: Engine): Map<Step, Raise | "none"> {
  const known = raises.get(engine);
  if (known !== undefined) return known;
  const made = new Map<Step, Raise | "none">();
  raises.set(engine, made);
  return made;
}

function findRaise(engine: Engine, step: Extract<Step, { kind: "assign" }>): Raise | undefined {
  const { module, models, conditions } = engine;
  const { value } = step;
  if (value.kind === "call" && isUnwrap(module, models, value)) return { call: value, grade: "panics", never: false };
  const call = value.kind === "call" ? value : awaitedCall(conditions, value);
  const raising = call === undefined ? undefined : (raisingOf(engine, call) ?? raisingOfCallback(engine, call));
  if (call === undefined || raising === undefined || raising.async !== (value.kind === "await")) return undefined;
  if (raising.grade === undefined && !raising.never) return undefined;
  return { call, grade: raising.grade, never: raising.never };
}

/** `lines.map(parse)`: one that is handed over by its name is called at once. */
function raisingOfCallback(engine: Engine, call: Call): Raising | undefined {
  const role = roleOf(engine, call);
  const position = role?.kind === "each" ? 0 : role?.kind === "collect" ? 1 : undefined;
  const callback = position === undefined ? undefined : call.args[position]?.value;
  const symbol = callback === undefined ? undefined : namedFunction(engine.module, callback);
  const raising = symbol === undefined ? undefined : engine.raising(symbol);
  // There may be nothing to call it for.
  return raising === undefined || raising.async ? undefined : { ...raising, never: false };
}

/** A function that is followed where it is called says by itself how it ends. */
function raisingOf(engine: Engine, call: Call): Raising | undefined {
  const { module, closures } = engine;
  const { callee } = call;
  const local =
    callee.kind === "place" && callee.place.path.length === 0 ? module.locals[callee.place.base] : undefined;
  const body = local?.function;
  if (body !== undefined && closures.followed(body) && module.bodies[body]?.async === false) return undefined;
  const symbol = calledFunction(module, call);
  return symbol === undefined ? undefined : engine.raising(symbol);
}
