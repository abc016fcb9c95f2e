/** What a call does to the values it is given, and what it gives back. */
import type { Call, Operand } from "../mir/mir.js";
import type { Role } from "../models/model.js";
import { instantiate } from "../summaries/shapes.js";
import { type Effect, effectOn, type Summary } from "../summaries/summary.js";
import { evaluateCollectionCall } from "./collections.js";
import { type Frame, isTemp, roleOf, type Site } from "./engine.js";
import { begin, handleProtocol } from "./protocol.js";
import { follow, followable } from "./run.js";
import { type At, type Evaluated, evaluateOperand, noticeTaking } from "./transfer.js";
import {
  type AbstractValue,
  type Atom,
  eitherOf,
  just,
  makeValue,
  nullish,
  orNothing,
  promiseOf,
  tokensIn,
  unknown,
} from "./value.js";
import { elementsOf, forget, giveAway, happen, ownObjects, reachable, type World } from "./world.js";

/** A call with its operands evaluated. */
export interface CallParts {
  readonly frame: Frame;
  readonly call: Call;
  readonly at: At;
  readonly receiver: AbstractValue;
  readonly args: readonly AbstractValue[];
}

export function evaluateCall(frame: Frame, world: World, call: Call, at: At): readonly Evaluated[] {
  const held = (operand: Operand): AbstractValue =>
    noticeTaking(frame, world, operand, evaluateOperand(frame, world, operand), at);
  const receiver = call.receiver === undefined ? unknown : held(call.receiver);
  const args = call.args.map((argument) => {
    const value = held(argument.value);
    return argument.spread ? elementsOf(world, value) : value;
  });
  const parts: CallParts = { frame, call, at, receiver, args };
  const role = roleOf(frame.engine, call) ?? roleByValue(parts, world);
  if (role !== undefined) return applyRole(role, parts, world);
  const callee =
    call.receiver === undefined ? followable(frame, evaluateOperand(frame, world, call.callee)) : undefined;
  if (callee !== undefined && call.form === "call" && !call.args.some((argument) => argument.spread)) {
    return follow(frame, world, callee, args);
  }
  const summary = summaryOf(frame, call.callee, call);
  if (summary !== undefined) return [applySummary(summary, parts, world)];
  giveAway(world, receiver);
  for (const arg of args) giveAway(world, arg);
  return [{ world, value: unknown }];
}

/** Whether a call can do anything although none of its operands is tracked: make a handle, or use captured ones. */
export function isFollowed(frame: Frame, world: World, call: Call): boolean {
  const { engine } = frame;
  const role = roleOf(engine, call);
  switch (role?.kind) {
    case "spawn":
      return !role.scoped;
    case "exit":
      return true;
    case "collect":
    case "each":
    case "scope": {
      const callback = call.args[role.kind === "collect" ? 1 : 0]?.value;
      return callback === undefined || runsSomething(frame, world, callback);
    }
    case undefined:
      if (call.symbol?.package === undefined && call.symbol !== undefined && engine.spawnsByName(call.symbol))
        return true;
      return call.receiver === undefined && runsSomething(frame, world, call.callee);
    default:
      return false;
  }
}

/** A function that runs at once, and has handles to work with or makes some. */
function runsSomething(frame: Frame, world: World, callee: Operand): boolean {
  const { engine } = frame;
  const value = evaluateOperand(frame, world, callee);
  const [atom] = value.atoms;
  if (atom?.kind === "function") return world.tokens.size > 0 || engine.spawns(atom.body);
  return callee.kind === "item" && callee.symbol !== undefined && engine.spawnsByName(callee.symbol);
}

/** Where the type checker does not know the method (`any`), the value that is called on does. */
function roleByValue({ frame, call, receiver }: CallParts, world: World): Role | undefined {
  if (call.symbol !== undefined || call.method === undefined || receiver.atoms.length === 0) return undefined;
  const { models } = frame.engine;
  const named = (name: string, library: string): Role | undefined =>
    models.callable({ package: library, file: "", name: `${name}.${call.method}`, offset: undefined }, "call");
  if (ownObjects(world, receiver) !== undefined) {
    return named("Array", "typescript") ?? named("Map", "typescript") ?? named("Set", "typescript");
  }
  const owner = receiver.atoms.every((atom) => atom.kind === "handle") ? "JoinHandle" : "Result";
  for (const library of models.packages) {
    const role = named(owner, library);
    if (role !== undefined) return role;
  }
  return undefined;
}

function applyRole(role: Role, parts: CallParts, world: World): readonly Evaluated[] {
  const { receiver, args } = parts;
  // What is joined is a handle, whatever it was taken for.
  if (role.kind === "join" || role.kind === "detach") giveAwayObjects(world, receiver);
  const one = (value: AbstractValue): readonly Evaluated[] => [{ world, value }];
  switch (role.kind) {
    case "spawn": {
      for (const arg of args) giveAway(world, arg, "move");
      if (role.scoped) return one(unknown);
      const handle = makeHandle(parts, world, "spawn");
      return one(role.returns === "handle" ? handle : just({ kind: "result", of: handle }));
    }
    case "join":
      if (role.mode === "async") {
        for (const site of sitesOf(parts.frame, world, receiver)) site.join = parts.call;
        return one(pendingOf(receiver));
      }
      happen(world, tokensIn(receiver), "join");
      return one(unknown);
    case "detach":
      happen(world, tokensIn(receiver), "detach");
      return one(unknown);
    case "borrow":
      return one(unknown);
    case "finished": {
      const tokens = tokensIn(receiver);
      return one(tokens.length === 0 ? unknown : just({ kind: "test", when: role.when, tokens }));
    }
    case "unwrap": {
      const inside = eitherOf(receiver.atoms.map((atom) => unwrapped(atom)));
      return one(args.length > 0 && parts.call.method === "unwrapOr" ? orNothing(inside) : inside);
    }
    case "move":
      for (const arg of args) giveAway(world, arg, "move");
      return one(unknown);
    case "match":
    case "clone":
    case "share":
    case "lock":
    case "channel":
      giveAway(world, role.kind === "match" ? receiver : unknown);
      for (const arg of args) giveAway(world, arg);
      return one(unknown);
    case "scope":
      return openScope(parts, world);
    case "exit":
      return [];
    default:
      return evaluateCollectionCall(role, parts, world);
  }
}

function giveAwayObjects(world: World, value: AbstractValue): void {
  const objects = value.atoms.filter((atom) => atom.kind === "object");
  if (objects.length > 0) giveAway(world, { atoms: objects, other: 0 });
}

function sitesOf(frame: Frame, world: World, value: AbstractValue): readonly Site[] {
  return tokensIn(value).flatMap((token) => frame.engine.sites.get(world.tokens.get(token)?.site ?? "") ?? []);
}

function unwrapped(atom: Atom): AbstractValue {
  return atom.kind === "result" ? atom.of : atom.kind === "handle" ? just(atom) : unknown;
}

/** The promise of the join of whatever handles there may be. */
function pendingOf(receiver: AbstractValue): AbstractValue {
  const atoms = tokensIn(receiver).map((token): Atom => ({ kind: "pending", token }));
  return atoms.length === 0 ? unknown : makeValue(atoms, receiver.other & ~nullish);
}

/** A new obligation. One that was made here in an earlier turn, and is still owed, becomes *an earlier one*. */
export function makeHandle(
  { frame, call, at }: CallParts,
  world: World,
  origin: Site["origin"],
  part = 0,
): AbstractValue {
  const id = `${call.spans.whole.start}.${call.spans.whole.end}.${part}`;
  const { sites } = frame.engine;
  if (!sites.has(id)) {
    const body = frame.info.body.id;
    sites.set(id, {
      id,
      body,
      call,
      step: at.step,
      origin,
      protocol: handleProtocol,
      local: undefined,
      container: undefined,
      join: undefined,
      joined: false,
    });
  }
  const [latest, earlier] = [`${id}#latest`, `${id}#earlier`];
  const kept = world.tokens.get(latest);
  if (kept !== undefined) {
    world.tokens.set(earlier, kept);
    forget(world, (atom) => ("token" in atom && atom.token === latest ? { ...atom, token: earlier } : atom));
  }
  world.tokens.set(latest, { ...begin(handleProtocol), site: id, parameter: false, seen: undefined, skipped: false });
  return just({ kind: "handle", token: latest });
}

/** `thread.scope(async (s) => …)` runs its function at once and gives what it returns. */
function openScope({ frame, args, call }: CallParts, world: World): readonly Evaluated[] {
  const [callback = unknown] = args;
  const body = followable(frame, callback);
  if (body === undefined || call.args.length !== 1) {
    for (const arg of args) giveAway(world, arg);
    return [{ world, value: unknown }];
  }
  return follow(frame, world, body, []).map((ending) => ({ world: ending.world, value: promiseOf(ending.value) }));
}

/** What is known of a function of the project that is called, or handed over to be called. */
export function summaryOf(frame: Frame, callee: Operand, call: Call | undefined): Summary | undefined {
  const { engine } = frame;
  if (call?.symbol !== undefined) return call.symbol.package === undefined ? engine.summary(call.symbol) : undefined;
  if (callee.kind === "item") {
    return callee.symbol !== undefined && callee.symbol.package === undefined
      ? engine.summary(callee.symbol)
      : undefined;
  }
  if (callee.kind !== "place" || callee.place.path.length > 0 || isTemp(frame, callee.place.base)) return undefined;
  const local = engine.module.locals[callee.place.base];
  if (local?.function === undefined) return undefined;
  const symbol = engine.module.bodies[local.function]?.symbol ?? local.symbol;
  return symbol === undefined ? undefined : engine.summary(symbol);
}

/** Does to the arguments what the summary says, and makes what it returns. */
export function applySummary(summary: Summary, parts: CallParts, world: World): Evaluated {
  const { call, args, receiver } = parts;
  const firstSpread = call.args.findIndex((argument) => argument.spread);
  for (const [position, value] of args.entries()) {
    const known = firstSpread < 0 || position < firstSpread;
    applyEffect(world, value, known ? effectOn(summary, position) : "takes");
  }
  applyEffect(world, receiver, summary.receiver);
  if (summary.returns === undefined) return { world, value: unknown };
  return { world, value: instantiate(summary.returns, { ...parts, world }) };
}

function applyEffect(world: World, value: AbstractValue, effect: Effect): void {
  switch (effect) {
    case "joins":
      happen(world, reachable(world, [value]), "join");
      return;
    case "takes":
      giveAway(world, value);
      return;
    case "borrows":
      return;
    default:
      effect satisfies never;
  }
}
