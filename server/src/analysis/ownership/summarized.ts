/** Calls of functions that are known by their summaries. */
import type { Call, LocalId, Operand } from "../mir/mir.js";
import type { SymbolKey } from "../program/program.js";
import { closureKey } from "../summaries/entries.js";
import { instantiator } from "../summaries/shapes.js";
import { type Effect, effectOn, type Summary } from "../summaries/summary.js";
import { type CallParts, originOf } from "./calls.js";
import { insertInto } from "./containers.js";
import { read } from "./contents.js";
import { type Engine, type Frame, isTemp, type Origin } from "./engine.js";
import { noteContainer } from "./gathered.js";
import { sitesOf } from "./made.js";
import { makerOf } from "./mentions.js";
import type { Evaluated } from "./transfer.js";
import { type AbstractValue, directTokens, unknown } from "./value.js";
import { befall, giveAway, happen, leaveToReceivers, reachable, type World } from "./world.js";

/** The function that a call of another one gave, where it surely is that. */
function functionGiven({ engine }: Frame, world: World, callee: Operand): SymbolKey | undefined {
  if (callee.kind !== "place") return undefined;
  const { atoms, other } = read(world, callee.place);
  const [atom] = atoms;
  if (atom?.kind === "code") return atoms.length === 1 && other === 0 ? atom.symbol : undefined;
  if (atoms.length > 0 || callee.place.path.length > 0) return undefined;
  return madeFunction(engine, callee.place.base);
}

/** `const start = makeStarter();` at the top of the file. */
function madeFunction({ module, summary }: Engine, local: LocalId): SymbolKey | undefined {
  const maker = makerOf(module, local);
  const { parts = [] } = (maker && summary(maker)?.returns) ?? {};
  const [part] = parts;
  return parts.length === 1 && part?.kind === "function" ? part.symbol : undefined;
}

/** What is known of a function of the project that is called, or handed over to be called. */
export function summaryOf(frame: Frame, world: World, callee: Operand, call: Call | undefined): Summary | undefined {
  const { engine } = frame;
  const given = functionGiven(frame, world, callee);
  if (given !== undefined) return engine.summary(given);
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
    const origin = originOf(parts, position);
    happen(world, directTokens(value), "use", origin);
    leaveToReceivers(world, directTokens(value));
    noteLent(parts, world, value);
    const effect = known ? effectOn(summary, position) : "takes";
    applyEffect(world, value, effectIn(parts, world, effect), origin);
  }
  applyEffect(world, receiver, effectIn(parts, world, summary.receiver), originOf(parts, -1));
  if (summary.returns === undefined && summary.puts.size === 0) return { world, value: unknown };
  const build = instantiator({ ...parts, world });
  const value = summary.returns === undefined ? unknown : build(summary.returns);
  for (const [position, shape] of summary.puts) {
    const put = build(shape);
    noteContainer(parts, world, { container: call.args[position]?.value, values: [put] });
    insertInto(world, firstSpread < 0 || position < firstSpread ? (args[position] ?? unknown) : unknown, put);
  }
  return { world, value };
}

/** Remembers the method that left a value to its caller. */
function noteLent({ frame, call }: CallParts, world: World, value: AbstractValue): void {
  const { symbol } = call;
  if (call.receiver === undefined || symbol === undefined || value.atoms.length === 0) return;
  for (const site of sitesOf(frame, world, value)) if (!site.lent.includes(symbol)) site.lent = [...site.lent, symbol];
}

type PlainEffect = Exclude<Effect, `to ${string}`>;

function isPlain(effect: Effect): effect is PlainEffect {
  return !effect.startsWith("to ");
}

/** What becomes of a value, also where it is handed to a function which the same call has handed over. */
function effectIn({ frame, call }: CallParts, world: World, effect: Effect): PlainEffect {
  if (isPlain(effect)) return effect;
  const [callee = -1, position = -1] = effect.slice("to ".length).split(".").map(Number);
  const operand = call.args.some(({ spread }) => spread) ? undefined : call.args[callee]?.value;
  const summary = operand && summaryOfFunction(frame, world, operand);
  const inner = summary === undefined ? "takes" : effectOn(summary, position);
  // A function that hands it on to yet another one: nobody follows it that far.
  return isPlain(inner) ? inner : "takes";
}

/** What is known of a function that is handed over: by its name, or where it is written. */
function summaryOfFunction(frame: Frame, world: World, operand: Operand): Summary | undefined {
  if (operand.kind !== "function") return summaryOf(frame, world, operand, undefined);
  const symbol = closureKey(frame.engine.module, operand.body);
  return symbol && frame.engine.summary(symbol);
}

/**
 * A function that a parameter brought is called: what other parameters brought is in its hands, and what becomes of that, the
 * caller can tell. True where this is such a call.
 */
export function giveToParameter({ call, args }: CallParts, world: World): boolean {
  if (call.receiver !== undefined || call.form !== "call" || call.callee.kind !== "place") return false;
  const callee = parameterIn(world, read(world, call.callee.place));
  if (callee === undefined || call.args.some(({ spread }) => spread)) return false;
  for (const [position, value] of args.entries()) {
    const [id = ""] = parameterIn(world, value) === undefined ? [] : directTokens(value);
    const token = world.tokens.get(id);
    if (token === undefined || token.givenTo !== undefined) giveAway(world, value);
    else world.tokens.set(id, { ...token, givenTo: `to ${callee}.${position}` });
  }
  return true;
}

/** The number of the parameter that surely brought a value. */
function parameterIn(world: World, { atoms }: AbstractValue): number | undefined {
  const [atom] = atoms;
  if (atoms.length !== 1 || atom?.kind !== "tracked" || atom.part || !world.tokens.get(atom.token)?.parameter)
    return undefined;
  const index = /^parameter (\d+)$/.exec(atom.token)?.[1];
  return index === undefined ? undefined : Number(index);
}

function applyEffect(world: World, value: AbstractValue, effect: PlainEffect, origin: Origin): void {
  switch (effect) {
    case "joins":
      happen(world, reachable(world, [value]), "join");
      return;
    case "moves":
      befall(world, value, "move", origin);
      return;
    case "drops":
      befall(world, value, "dispose", origin);
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
