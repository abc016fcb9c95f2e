/** What a call does to the values it is given, and what it gives back. */
import type { Call, Operand } from "../mir/mir.js";
import type { Role } from "../models/model.js";
import { evaluateCollectionCall } from "./collections.js";
import { ownObjects } from "./containers.js";
import { elementsOf } from "./contents.js";
import { type Frame, type Origin, roleOf } from "./engine.js";
import { forgetFields, forgetStored, mayMoveFields, noteMovedFields, writtenFields } from "./fields.js";
import { plainCall } from "./indirect.js";
import {
  channelValue,
  cloneValue,
  drainValue,
  handleValue,
  inResult,
  joinValue,
  lockValue,
  makeTracked,
  overlayValue,
  pooledHandle,
  sendValue,
  sitesInside,
  sitesOf,
} from "./made.js";
import { makerOf } from "./mentions.js";
import {
  guardProtocol,
  handleProtocol,
  outcomeProtocol,
  parameterProtocol,
  poolProtocol,
  senderProtocol,
  workerProtocol,
} from "./protocols.js";
import { follow, followable } from "./run.js";
import { applySummary, giveToParameter, summaryOf } from "./summarized.js";
import { noticeTaking } from "./taking.js";
import { type At, type Evaluated, evaluateOperand } from "./transfer.js";
import { noteCalled, noteThrough } from "./uses.js";
import {
  type AbstractValue,
  type Atom,
  directTokens,
  eitherOf,
  just,
  orNothing,
  promiseOf,
  tokensIn,
  unknown,
} from "./value.js";
import { workerValue } from "./workers.js";
import { befall, excuseRaced, giveAway, happen, type World, waitForNothing } from "./world.js";

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
  const role = roleOf(frame.engine, call);
  const plain = role === undefined ? plainCall(frame.engine, call) : undefined;
  if (plain !== undefined) return evaluateCall(frame, world, plain, at);
  const receiver = call.receiver === undefined ? unknown : held(call.receiver);
  // Before the call, since a part of something that it moves is reached before that.
  for (const argument of call.args) noteThrough(world, argument.value, at.step);
  // What is disposed of twice is disposed of, as with `drop`.
  if (role?.kind === "drop" && call.receiver !== undefined) noteThrough(world, call.receiver, at.step);
  else noteCalled(world, call, at.step);
  const args = call.args.map((argument) => {
    const value = held(argument.value);
    // All of them go, so that it does not matter which is which.
    return argument.spread && !handsOver(role) ? elementsOf(world, value) : value;
  });
  const parts: CallParts = { frame, call, at, receiver, args };
  const known = role ?? roleByValue(parts, world);
  if (known === undefined || callsBack(known)) forgetStored(world);
  if (known !== undefined) return applyRole(known, parts, world);
  if (call.method !== undefined && call.symbol !== undefined) ruleOutReceiver(parts, world);
  const callee =
    call.receiver === undefined ? followable(frame, evaluateOperand(frame, world, call.callee)) : undefined;
  if (callee !== undefined && call.form === "call" && !call.args.some((argument) => argument.spread)) {
    return follow(frame, world, callee, { args, at });
  }
  const summary = summaryOf(frame, world, call.callee, call);
  const isSeen = summary !== undefined && isOfModule(frame, call);
  forgetFields(world, [receiver, ...args], isSeen ? writtenFields(frame.engine.module) : undefined);
  if (summary !== undefined) return [applySummary(summary, parts, world)];
  if (giveToParameter(parts, world)) return [{ world, value: unknown }];
  if (call.method === "abort") excuseRaced(world);
  giveAway(world, receiver, "escape", { span: call.receiver?.span ?? call.spans.whole, call, step: at.step });
  for (const [index, arg] of args.entries()) giveAway(world, arg, "escape", originOf(parts, index));
  return [{ world, value: unknown }];
}

/** What is moved or dropped out of fields, by the arguments from one on. */
function noteMoved(parts: CallParts, world: World, from: number, event: "move" | "dispose" = "move"): void {
  for (let index = from; index < parts.args.length; index++) {
    noteMovedFields(parts.frame, world, index, { call: parts.call, origin: originOf(parts, index), event });
  }
}

/** What an argument has to do with a token's new state; -1 is the receiver. */
export function originOf({ call, at }: CallParts, index: number): Origin {
  const operand = index < 0 ? call.receiver : call.args[index]?.value;
  return { span: operand?.span ?? call.spans.whole, call, step: at.step };
}

/** What has a method that no library of threads knows is something else on this path: `real ? lock.lockSync() : fake`. */
function ruleOutReceiver({ receiver }: CallParts, world: World): void {
  const tokens = directTokens(receiver).filter((id) => world.tokens.get(id)?.parameter === false);
  happen(world, tokens, "rule-out");
}

function callsBack({ kind }: Role): boolean {
  return kind === "each" || kind === "collect" || kind === "scope" || kind === "match";
}

function handsOver(role: Role | undefined): boolean {
  return role?.kind === "move" || role?.kind === "send";
}

/** Whether a call can do anything although none of its operands is tracked: make a handle, or use captured ones. */
export function isFollowed(frame: Frame, world: World, call: Call): boolean {
  const { engine } = frame;
  const role = roleOf(engine, call);
  const plain = role === undefined ? plainCall(engine, call) : undefined;
  if (plain !== undefined) return isFollowed(frame, world, plain);
  if (call.method === "abort") return true;
  switch (role?.kind) {
    case "spawn":
      return !role.scoped || role.pooled === true;
    case "thread-pool":
      return true;
    case "worker":
    case "exit":
    case "join":
    case "lock":
    case "channel":
    case "send":
      return true;
    case "move":
    case "drop":
    case "post":
    case "task":
      return mayMoveFields(frame, call);
    case "collect":
    case "each":
    case "executor":
    case "scope": {
      const callback = call.args[role.kind === "collect" ? 1 : 0]?.value;
      return callback === undefined || runsSomething(frame, world, callback);
    }
    case undefined:
      if (call.symbol?.package === undefined && call.symbol !== undefined && engine.concernsByName(call.symbol))
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
  if (atom?.kind === "function") return world.tokens.size > 0 || engine.concerns(atom.body);
  const maker = callee.kind === "place" && callee.place.path.length === 0 && makerOf(engine.module, callee.place.base);
  if (maker) return engine.concernsByName(maker);
  return callee.kind === "item" && callee.symbol !== undefined && engine.concernsByName(callee.symbol);
}

/**
 * Where the type checker does not know the method (`any`), the value that is called on does; and where it knows one of several,
 * as of a handle or an object of the project's own, it is the other one.
 */
function roleByValue({ frame, call, receiver }: CallParts, world: World): Role | undefined {
  if (call.symbol?.package !== undefined || call.method === undefined || receiver.atoms.length === 0) return undefined;
  const { models } = frame.engine;
  const named = (name: string, library: string): Role | undefined =>
    models.callable({ package: library, file: "", name: `${name}.${call.method}`, offset: undefined }, "call");
  if (ownObjects(world, receiver) !== undefined) {
    if (call.symbol !== undefined) return undefined;
    return named("Array", "typescript") ?? named("Map", "typescript") ?? named("Set", "typescript");
  }
  const owner = ownerOf(receiver, call, world);
  if (owner === undefined) return undefined;
  for (const library of models.packages) {
    const role = named(owner, library);
    if (role !== undefined) return role;
  }
  return undefined;
}

/** The class that a method of `any` is one of. */
function ownerOf({ atoms }: AbstractValue, call: Call, world: World): string | undefined {
  const kinds = atoms.map((atom) => (atom.kind === "tracked" ? world.tokens.get(atom.token)?.protocol : atom.kind));
  if (call.symbol !== undefined && kinds.includes(parameterProtocol)) return undefined;
  if (kinds.every((kind) => kind === handleProtocol || kind === parameterProtocol)) return "JoinHandle";
  if (kinds.every((kind) => kind === senderProtocol)) return "Sender";
  if (kinds.every((kind) => kind === workerProtocol)) return "Worker";
  return kinds.every((kind) => kind === "result" || kind === outcomeProtocol) ? "Result" : undefined;
}

function applyRole(role: Role, parts: CallParts, world: World): readonly Evaluated[] {
  const { receiver, args } = parts;
  // What is joined is a handle, whatever it was taken for.
  if (role.kind === "join" || role.kind === "detach") giveAwayObjects(world, receiver);
  const one = (value: AbstractValue): readonly Evaluated[] => [{ world, value }];
  switch (role.kind) {
    case "spawn": {
      for (const arg of args) giveAway(world, arg, "move");
      if (role.scoped) return one(role.pooled ? pooledHandle(parts, world) : unknown);
      const handle = handleValue(parts, world);
      return one(role.returns === "handle" ? handle : just({ kind: "result", of: handle }));
    }
    case "join":
      return one(joinValue(parts, world, role));
    case "detach":
      for (const site of sitesOf(parts.frame, world, receiver)) site.met ||= site.protocol === workerProtocol;
      happen(world, tokensIn(receiver), "detach");
      return one(unknown);
    case "borrow":
      // A thread that is asked to stop may not wait any more.
      if (parts.call.method === "abort") {
        waitForNothing(world, tokensIn(receiver));
        excuseRaced(world);
      }
      for (const [index, arg] of args.entries()) happen(world, directTokens(arg), "use", originOf(parts, index));
      return one(unknown);
    case "cell":
    case "wait":
      for (const [index, arg] of args.entries()) happen(world, directTokens(arg), "use", originOf(parts, index));
      return one(unknown);
    case "finished": {
      const tokens = tokensIn(receiver).flatMap((token) => [token, ...(world.tokens.get(token)?.carries ?? [])]);
      return one(tokens.length === 0 ? unknown : just({ kind: "test", when: role.when, tokens }));
    }
    case "unwrap": {
      const inside = eitherOf(receiver.atoms.map((atom) => unwrapped(world, atom)));
      return one(args.length > 0 && parts.call.method === "unwrapOr" ? orNothing(inside) : inside);
    }
    case "move":
      for (const [index, arg] of args.entries()) {
        if (role.shallow) happen(world, directTokens(arg), "move", originOf(parts, index));
        else befall(world, arg, "move", originOf(parts, index));
      }
      noteMoved(parts, world, 0);
      return one(unknown);
    case "drop":
      for (const [index, value] of (args.length === 0 ? [receiver] : args).entries()) {
        for (const site of sitesInside(parts.frame, world, value)) site.met = true;
        befall(world, value, "dispose", originOf(parts, args.length === 0 ? -1 : index));
      }
      noteMoved(parts, world, 0, "dispose");
      return one(unknown);
    case "send": {
      const outcome = sendValue(parts, world, role);
      if (!role.copies && parts.call.method !== "trySend") noteMoved(parts, world, 0);
      return one(outcome);
    }
    case "lock":
      return one(lockValue(parts, world, role));
    case "relock":
      for (const arg of role.returns === "timed" ? args : args.slice(1)) giveAway(world, arg);
      return one(role.returns !== "result-of-guard" ? unknown : inResult(args[0] ?? unknown, role.mode));
    case "thread-pool":
      return one(makeTracked(parts, world, { protocol: poolProtocol }));
    case "drain":
      return one(drainValue(parts, world));
    case "channel":
      return one(channelValue(parts, world));
    case "clone":
      return one(cloneValue(parts, world));
    case "mark":
      return one(args[0] ?? unknown);
    case "overlay":
      for (const [index, arg] of args.entries()) happen(world, directTokens(arg), "use", originOf(parts, index));
      return one(overlayValue(parts, world));
    case "match":
    case "share":
    case "pool":
    case "remote":
      giveAway(world, role.kind === "match" ? receiver : unknown);
      for (const [index, arg] of args.entries()) giveAway(world, arg, "escape", originOf(parts, index));
      return one(unknown);
    case "worker":
    case "listen":
    case "post":
    case "task":
      if (role.kind === "post") noteMoved(parts, world, 1);
      return one(workerValue(role, parts, world, (index) => originOf(parts, index)));
    case "executor":
      return execute(parts, world);
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

function unwrapped(world: World, atom: Atom): AbstractValue {
  if (atom.kind === "result") return atom.of;
  if (atom.kind !== "tracked") return unknown;
  const token = world.tokens.get(atom.token);
  // A guard of a model that does not say whether it comes in a Result.
  return token?.parameter || token?.protocol === guardProtocol ? just(atom) : unknown;
}

/** What is thrown in an executor comes out of the promise, of which nothing is known. */
function execute({ frame, args, call, at }: CallParts, world: World): readonly Evaluated[] {
  const [executor = unknown] = args;
  const body = call.args.length === 1 ? followable(frame, executor) : undefined;
  if (body === undefined) for (const arg of args) giveAway(world, arg);
  const endings =
    body === undefined ? [{ world }] : follow(frame, world, body, { args: [], at: { ...at, raise: () => {} } });
  return endings.map((ending) => ({ world: ending.world, value: unknown }));
}

/** `thread.scope(async (s) => …)` runs its function at once and gives what it returns. */
function openScope({ frame, args, call, at }: CallParts, world: World): readonly Evaluated[] {
  const [callback = unknown] = args;
  const body = followable(frame, callback);
  if (body === undefined || call.args.length !== 1) {
    for (const arg of args) giveAway(world, arg);
    return [{ world, value: unknown }];
  }
  return follow(frame, world, body, { args: [], at }).map((ending) => ({
    world: ending.world,
    value: promiseOf(ending.value),
  }));
}

/** Whether what a function may write is written in this file. */
function isOfModule({ engine: { module } }: Frame, { symbol }: Call): boolean {
  return symbol === undefined || module.bodies.some((body) => body.symbol?.file === symbol.file);
}
