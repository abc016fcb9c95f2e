/** What each step does to a world. */
import type { Span } from "../diagnostic.js";
import type { Block, Local, LocalId, Operand, Place, Step, Value } from "../mir/mir.js";
import { awaited } from "./awaiting.js";
import { evaluateCall } from "./calls.js";
import { allocate, endOf, writePart } from "./containers.js";
import { elementsOf, generatorsIn, read, settledOf } from "./contents.js";
import { type Frame, isTemp, type Origin } from "./engine.js";
import { forgetOwnFields, forgetStored, storeHandle } from "./fields.js";
import { noteHoldings } from "./holdings.js";
import { isInert, isTested } from "./inert.js";
import { collectLost } from "./lost.js";
import { raiseOrGoOn } from "./raise.js";
import { markTaken, noticeTaking, ofThisTurn } from "./taking.js";
import { noteUses } from "./uses.js";
import {
  type AbstractValue,
  type Atom,
  anything,
  constantValue,
  either,
  just,
  nullish,
  promiseOf,
  tokensIn,
  truthy,
  unknown,
} from "./value.js";
import { valueOfType } from "./variables.js";
import { noteHandler } from "./workers.js";
import { copyWorld, giveAway, setLocal, type World } from "./world.js";

/** A value, and the world in which an expression has it. */
export interface Evaluated {
  readonly world: World;
  readonly value: AbstractValue;
}

export interface At {
  readonly step: Step;
  readonly block: Block;
  readonly index: number;
  /** Takes a world in which the step throws. */
  readonly raise: (world: World) => void;
}

/** What a function returns is kept under this number until its caller takes it. */
export const returned: LocalId = -1;

/** The worlds behind a step. None: control does not get behind it. */
export function transfer(frame: Frame, before: World, at: At): readonly World[] {
  noteHoldings(frame, before, at);
  if (!raiseOrGoOn(frame, before, at)) return [];
  if (isInert(frame, before, at.step)) return [before];
  const worlds = apply(frame, copyWorld(before), at);
  for (const world of worlds) {
    reportMistakes(frame, world, at.step.span);
    collectLost(frame, { before, world, at });
  }
  return worlds;
}

function apply(frame: Frame, world: World, at: At): readonly World[] {
  const { step } = at;
  switch (step.kind) {
    case "assign": {
      const outcomes = evaluate(frame, world, step.value, at);
      for (const outcome of outcomes) {
        noteUses(outcome.world, at);
        assign(frame, outcome.world, step.to, outcome.value, at);
      }
      return outcomes.map((outcome) => outcome.world);
    }
    case "update":
      noteUses(world, at);
      forgetFacts(frame, world, step.place);
      if (step.place.path.length === 0) world.locals.delete(step.place.base);
      return [world];
    case "discard":
      leaveHalfTyped(frame, world, step.operand);
      if (step.onPurpose) giveAway(world, evaluateOperand(frame, world, step.operand), "detach");
      return [world];
    case "delete":
      writeParent(world, step.place, unknown);
      return [world];
    case "dispose":
      // Of what is not tracked itself, it does with the parts what it likes.
      giveAway(world, world.locals.get(step.local) ?? unknown, "dispose", originOf(frame, step));
      return [world];
    case "end-scope":
      for (const local of step.locals) {
        world.locals.delete(local);
        forgetFacts(frame, world, { base: local, path: [] });
      }
      return [world];
    default:
      return step satisfies never;
  }
}

/** What an operand holds. */
export function evaluateOperand(frame: Frame, world: World, operand: Operand): AbstractValue {
  switch (operand.kind) {
    case "place": {
      const local = frame.engine.module.locals[operand.place.base];
      if (operand.place.path.length === 0 && local?.function !== undefined && !world.locals.has(local.id)) {
        return just({ kind: "function", body: local.function });
      }
      return lastElement(frame, world, operand.place) ?? read(world, operand.place);
    }
    case "constant":
      return constantValue(operand.value);
    case "function":
      return just({ kind: "function", body: operand.body });
    case "item":
      return unknown;
    default:
      return operand satisfies never;
  }
}

/** `handles[handles.length - 1]` */
function lastElement(frame: Frame, world: World, { base, path }: Place): AbstractValue | undefined {
  const index = path.at(-1);
  if (index?.kind !== "index" || index.by?.kind !== "place" || !world.locals.has(base)) return undefined;
  const { place } = index.by;
  const computed = place.path.length === 0 ? frame.engine.conditions.definition(place.base) : undefined;
  if (computed?.kind !== "compute" || computed.operator !== "-") return undefined;
  const [length, one] = computed.operands;
  if (length?.kind !== "place" || one?.kind !== "constant" || one.value !== 1) return undefined;
  const last = length.place.path.at(-1);
  const isLength = length.place.base === base && length.place.path.length === path.length && last?.kind === "field";
  if (!isLength || last.name !== "length") return undefined;
  return endOf(world, read(world, { base, path: path.slice(0, -1) }), "last");
}

function evaluate(frame: Frame, world: World, value: Value, at: At): readonly Evaluated[] {
  const one = (result: AbstractValue): readonly Evaluated[] => [{ world, value: result }];
  const operand = (from: Operand): AbstractValue => evaluateOperand(frame, world, from);
  switch (value.kind) {
    case "use":
      leaveHalfTyped(frame, world, value.operand);
      return one(noticeTaking(frame, world, value.operand, operand(value.operand), at));
    case "array":
      return one(makeArray(frame, world, value, at));
    case "object":
      return one(makeObject(frame, world, value, at));
    case "compute":
      return one(compute(value.operator, value.operands.map(operand)));
    case "opaque":
      for (const used of value.operands) giveAway(world, operand(used));
      return one(unknown);
    case "call":
      return evaluateCall(frame, world, value, at);
    case "await":
      forgetOwnFields(frame, world);
      return one(awaited(frame, world, { value: operand(value.operand), operand: value.operand, kind: "awaited", at }));
    case "yield":
      forgetStored(world);
      if (value.operand !== undefined) {
        const given = operand(value.operand);
        frame.onYield?.(world, value.delegate ? delegated(world, given) : given);
        giveAway(world, given, "return");
      }
      return one(unknown);
    case "element":
      return one(element(frame, world, value, at));
    case "caught":
      return one(unknown);
    default:
      return value satisfies never;
  }
}

/** What `yield*` gives of a generator, or of a list, for each time that it gives something. */
function delegated(world: World, given: AbstractValue): AbstractValue {
  const [make, ...others] = generatorsIn(world, given);
  return make === undefined || others.length > 0 || given.atoms.length > 1 ? unknown : make(world);
}

/** What a Result or a guard has besides methods. */
const valueFields: ReadonlySet<string> = new Set(["ok", "value", "error"]);

/** `(await lock.lock()).unw`, without a call behind it, is still being typed: what it will do with the value is not there. */
function leaveHalfTyped(frame: Frame, world: World, operand: Operand): void {
  if (operand.kind !== "place" || operand.place.path.length !== 1) return;
  const { base, path } = operand.place;
  const [field] = path;
  if (frame.engine.module.locals[base]?.kind !== "temp" || field?.kind !== "field" || valueFields.has(field.name))
    return;
  const value = world.locals.get(base);
  // A parameter's pattern takes its fields by their names too.
  const isOne = value?.atoms.some(
    (atom) => atom.kind === "result" || (atom.kind === "tracked" && !world.tokens.get(atom.token)?.parameter),
  );
  if (value !== undefined && isOne === true) giveAway(world, value);
}

function makeArray(frame: Frame, world: World, value: Extract<Value, { kind: "array" }>, at: At): AbstractValue {
  const fields = new Map<string, AbstractValue>();
  let elements: AbstractValue | undefined;
  let position: number | undefined = 0;
  for (const { value: operand, spread } of value.elements) {
    const held = evaluateOperand(frame, world, operand);
    if (spread) {
      position = undefined;
      const inside = elementsOf(world, held);
      if (inside.atoms.length > 0) elements = elements === undefined ? inside : either(elements, inside);
    } else if (position !== undefined) {
      if (held.atoms.length > 0) fields.set(String(position), held);
      position += 1;
    } else if (held.atoms.length > 0) elements = elements === undefined ? held : either(elements, held);
  }
  return allocate(world, objectId(frame, at), { fields, elements, length: position });
}

function makeObject(frame: Frame, world: World, value: Extract<Value, { kind: "object" }>, at: At): AbstractValue {
  const fields = new Map<string, AbstractValue>();
  let elements: AbstractValue | undefined;
  for (const field of value.fields) {
    const held = evaluateOperand(frame, world, field.value);
    if (held.atoms.length === 0) continue;
    if (field.spread) {
      for (const atom of held.atoms) {
        const from = atom.kind === "object" ? world.objects.get(atom.object) : undefined;
        for (const [name, part] of from?.fields ?? []) fields.set(name, part);
        if (from?.elements !== undefined) elements = from.elements;
      }
    } else if (field.name === undefined) elements = elements === undefined ? held : either(elements, held);
    else fields.set(field.name, held);
  }
  return allocate(world, objectId(frame, at), { fields, elements });
}

export function objectId(frame: Frame, at: At): string {
  return `${frame.info.body.id}.${at.step.span.start}.${at.step.span.end}.${at.index}`;
}

/** Comparisons with a boolean keep what the compared test says; every other computation keeps nothing. */
function compute(operator: string, values: readonly AbstractValue[]): AbstractValue {
  const tests = values.flatMap((value) => value.atoms.filter((atom) => atom.kind === "test"));
  const [test] = tests;
  if (test === undefined) return { atoms: [], other: anything };
  const flipped: Atom = { kind: "test", when: !test.when, tokens: test.tokens };
  const other = values.find((value) => value.atoms.length === 0);
  const isTrue = other?.other === truthy;
  switch (operator) {
    case "!":
      return just(flipped);
    case "===":
    case "==":
      return just(isTrue ? test : flipped);
    case "!==":
    case "!=":
      return just(isTrue ? flipped : test);
    default:
      return unknown;
  }
}

function element(frame: Frame, world: World, value: Extract<Value, { kind: "element" }>, at: At): AbstractValue {
  const source = evaluateOperand(frame, world, value.of);
  const [generator] = generatorsIn(world, source);
  if (generator !== undefined && !value.rest) return settledOf(generator(world));
  const all = elementsOf(world, source);
  if (all.atoms.length === 0) return unknown;
  const inside = value.rest ? all : ofThisTurn(frame, world, all, at);
  markTaken(frame, world, inside, at);
  if (value.rest) return allocate(world, objectId(frame, at), { fields: new Map(), elements: inside });
  // An element there is: the loop would have ended otherwise.
  const present = { atoms: inside.atoms, other: inside.other & ~nullish };
  if (!value.async) return present;
  return awaited(frame, world, { value: present, operand: value.of, kind: "element", at });
}

function assign(frame: Frame, world: World, to: Place, value: AbstractValue, at: At): void {
  forgetFacts(frame, world, to);
  if (to.path.length > 0) {
    if (!storeHandle(frame, world, to, value)) writeParent(world, to, value);
    return;
  }
  const local = frame.engine.module.locals[to.base];
  if (local === undefined) return;
  noteHolder(frame, world, local, value, at);
  if (isOutOfSight(frame, local)) {
    giveAway(world, value);
    world.locals.delete(to.base);
    return;
  }
  const matters = value.atoms.length > 0 || local.kind === "temp" || isTested(frame, to);
  const known = value.atoms.length === 0 ? ofItsType(frame, world, local, at) : unknown;
  setLocal(world, to.base, known.atoms.length > 0 ? known : matters ? value : unknown);
}

function ofItsType(frame: Frame, world: World, local: Local, { step }: At): AbstractValue {
  const call = step.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
  return valueOfType(frame, world, local, { start: step.span.start, call });
}

/** Reports what the step did with values that are not to be touched any more. */
export function reportMistakes(frame: Frame, world: World, span: Span): void {
  for (const { token, event, origin } of world.mistakes.splice(0)) {
    if (!frame.reports || token.since === undefined) continue;
    const at = origin?.span ?? span;
    const key = `${at.start}:${at.end}`;
    if (frame.engine.misuses.has(key)) continue;
    frame.engine.misuses.set(key, {
      protocol: token.protocol,
      state: token.state,
      event,
      since: token.since,
      at,
      body: frame.info.body.id,
    });
  }
}

/** The end of a scope disposes of what `using` holds. */
function originOf(frame: Frame, step: Extract<Step, { kind: "dispose" }>): Origin {
  return { span: frame.engine.module.locals[step.local]?.span ?? step.span, call: undefined, step };
}

function writeParent(world: World, place: Place, value: AbstractValue): void {
  const step = place.path.at(-1);
  if (step === undefined) return;
  const target = read(world, { base: place.base, path: place.path.slice(0, -1) });
  if (step.kind === "field") noteHandler(world, target, step.name);
  writePart(world, target, step, value);
}

/** The variable lives longer than the analysis can see, or its name says that it is not to be used. */
function isOutOfSight(frame: Frame, local: Local): boolean {
  if (local.kind === "temp") return false;
  // What `using` holds is disposed of, whatever it is called.
  if (local.name?.startsWith("_") && local.kind !== "using" && local.kind !== "await-using") return true;
  if (local.exported || frame.engine.closures.outOfSight(local.id)) return true;
  return !frame.stack.includes(local.body);
}

function noteHolder(frame: Frame, world: World, local: Local, value: AbstractValue, at: At): void {
  if (isTemp(frame, local.id) || at.step.kind !== "assign") return;
  for (const token of tokensIn(value)) {
    const site = frame.engine.sites.get(world.tokens.get(token)?.site ?? "");
    if (site !== undefined) site.local ??= local.id;
  }
}

/** Conditions that read the place may come out differently from now on. */
function forgetFacts(frame: Frame, world: World, place: Place): void {
  for (const key of world.facts.keys()) {
    const condition = frame.engine.conditions.tested(key);
    const concerns = condition?.locals.includes(place.base) && (place.path.length === 0 || condition.throughFields);
    if (condition === undefined || concerns) world.facts.delete(key);
  }
}

/** What a function hands to whoever called it. */
export function returnValue(frame: Frame, world: World, operand: Operand | undefined): AbstractValue {
  if (operand === undefined) return constantValue(undefined);
  const value = evaluateOperand(frame, world, operand);
  return frame.info.body.async ? promiseOf(value) : value;
}
