/** The summaries of the project's functions, across files, each worked out when it is first asked for. */
import type { BodyId, LocalId, Module } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { insertedInto } from "../ownership/containers.js";
import { createEngine, type Engine, type Frame } from "../ownership/engine.js";
import { after, begin } from "../ownership/protocol.js";
import { parameterProtocol } from "../ownership/protocols.js";
import { type RunResult, runBody } from "../ownership/run.js";
import type { Evaluated } from "../ownership/transfer.js";
import { type AbstractValue, anything, type TokenId } from "../ownership/value.js";
import { emptyWorld, freshToken, type World } from "../ownership/world.js";
import type { SymbolKey } from "../program/program.js";
import { addTo, createConcern } from "./concern.js";
import { closureKey, createEntries, type Entry, keyOf } from "./entries.js";
import { createKeeper, type Footprint } from "./footprint.js";
import { eitherSummary, overridesOf } from "./overrides.js";
import { createRaising, type Raising } from "./raising.js";
import { describe, eitherShape, type Origins, shapeKey } from "./shapes.js";
import { type Effect, type Shape, type Summary, unknownSummary } from "./summary.js";

export interface Summaries {
  /** Undefined for what is not a function of the project. */
  of(symbol: SymbolKey): Summary | undefined;
  /** Whether it makes or moves something that is tracked. */
  concerns(symbol: SymbolKey): boolean;
  /** What it throws before everybody's eyes. Undefined for what is not a function of the project. */
  raising(symbol: SymbolKey): Raising | undefined;
  /** The files that are looked into, as symbols name them. */
  readonly modules: ReadonlyMap<string, Module>;
  /** What all answers so far rest on. */
  readonly footprint: Footprint;
}

/** Functions that call each other are worked out anew until their summaries stay as they are, this often at most. */
const maxRounds = 5;

interface Progress {
  readonly depth: number;
  /** What its runs looked for so far, and what they found there. */
  readonly footprint: Map<string, Module | undefined>;
  summary: Summary | undefined;
  done: boolean;
  /** Somebody asked for it while it was being worked out. */
  recursive: boolean;
  /** It is the same whichever function was asked for first: no other function that calls it in turn went into it. */
  settled: boolean;
}

const keeperFor = createKeeper<Summary>();

/** @param modules the files whose functions may be looked into, by path */
export function createSummaries(modules: ReadonlyMap<string, Module>, models: Models): Summaries {
  const entries = createEntries(modules.values());
  const keeper = keeperFor(models);
  const concernOf = createConcern(entries, models);
  const raisingOf = createRaising(entries, models);
  const engines = new Map<string, Engine>();
  const progress = new Map<string, Progress>();
  const footprint = new Map<string, Module | undefined>();
  /** The functions that are being worked out, each for the one before it. */
  const stack: Progress[] = [];

  const of = (symbol: SymbolKey): Summary | undefined => {
    const entry = lookUp(symbol);
    if (entry === undefined) return undefined;
    const key = keyOf(symbol);
    const known = progress.get(key) ?? fromBefore(key, entry);
    if (known === undefined) return workOut(key, entry);
    if (known.done) build(known);
    else {
      known.recursive = true;
      // A function that calls only itself is the same for all who ask.
      const between = stack.slice(known.depth);
      if (between.length > 1) for (const one of between) one.settled = false;
    }
    return known.summary ?? whileUnknown;
  };

  /** Whatever is being worked out rests on what is found there. */
  const lookUp = (symbol: SymbolKey): Entry | undefined => {
    const found = entries.modules.get(symbol.file);
    (stack.at(-1)?.footprint ?? footprint).set(symbol.file, found);
    return entries.get(symbol);
  };

  const build = (known: Progress): void => {
    const asking = stack.at(-1);
    addTo(asking?.footprint ?? footprint, known.footprint);
    if (asking !== undefined) asking.settled &&= known.settled;
  };

  const fromBefore = (key: string, { module, body }: Entry): Progress | undefined => {
    const traced = keeper.get(body, module, entries.modules);
    if (traced === undefined) return undefined;
    const footprint = new Map(traced.footprint);
    const known = { depth: 0, footprint, summary: traced.value, done: true, recursive: false, settled: true };
    progress.set(key, known);
    return known;
  };

  const workOut = (key: string, entry: Entry): Summary => {
    const state: Progress = {
      depth: stack.length,
      footprint: new Map(),
      summary: undefined,
      done: false,
      recursive: false,
      settled: true,
    };
    progress.set(key, state);
    stack.push(state);
    const summary = settle(state, entry);
    stack.pop();
    state.summary = summary;
    state.done = true;
    if (state.settled) keeper.set(entry.body, entry.module, { value: summary, footprint: state.footprint });
    build(state);
    return summary;
  };

  const settle = (state: Progress, { module, body }: Entry): Summary => {
    const engine = engineOf(module);
    for (let round = 0; round < maxRounds; round++) {
      const before = state.summary === undefined ? undefined : summaryKey(state.summary);
      state.recursive = false;
      state.summary = overridesOf(module, body)
        .map((one) => summarize(engine, one))
        .reduce(eitherSummary);
      if (!state.recursive || summaryKey(state.summary) === before) return state.summary;
    }
    return unknownSummary;
  };

  const engineOf = (module: Module): Engine => {
    const known = engines.get(module.file);
    if (known !== undefined) return known;
    const made = createEngine(module, models, summaries);
    engines.set(module.file, made);
    return made;
  };

  const concerns = (symbol: SymbolKey): boolean => {
    const entry = lookUp(symbol);
    if (entry === undefined) return false;
    const traced = concernOf(keyOf(symbol), entry);
    addTo(stack.at(-1)?.footprint ?? footprint, traced.footprint);
    return traced.value;
  };

  const raising = (symbol: SymbolKey): Raising | undefined => {
    const entry = lookUp(symbol);
    if (entry === undefined) return undefined;
    const traced = raisingOf(keyOf(symbol), entry);
    addTo(stack.at(-1)?.footprint ?? footprint, traced.footprint);
    return traced.value;
  };

  const summaries: Summaries = { of, concerns, raising, modules: entries.modules, footprint };
  return summaries;
}

/** What is assumed of a function that calls itself, before anything is known of it. */
const whileUnknown = unknownSummary;

function summaryKey(summary: Summary): string {
  const puts = [...summary.puts].map(([index, shape]) => `${index}:${shapeKey(shape)}`);
  return `${summary.parameters.join()};${summary.rest};${summary.receiver};${shapeKey(summary.returns)};${puts.join()}`;
}

const receiverToken: TokenId = "parameter this";

function tokenOf(index: number): TokenId {
  return `parameter ${index}`;
}

/** The world in which every parameter has brought something. */
function worldWithParameters(engine: Engine, id: BodyId): World {
  const world = emptyWorld();
  const { body } = engine.info(id);
  const bring = (local: LocalId, token: TokenId): void => {
    // A function that runs later has it: it may do anything with it.
    if (engine.closures.outOfSight(local)) {
      world.outcomes.set(token, after(begin(parameterProtocol), "escape"));
      return;
    }
    const type = engine.module.locals[local]?.type;
    const view = type?.kind === "named" && engine.models.memory(type.symbol) === "view";
    world.tokens.set(token, { ...freshToken(begin(parameterProtocol), token), parameter: true, view });
    // It may as well be anything else, so that no test of it is decided.
    world.locals.set(local, { atoms: [{ kind: "tracked", token }], other: anything });
  };
  for (const [index, parameter] of body.params.entries()) {
    if (engine.module.locals[parameter.arrives]?.type?.kind !== "primitive") bring(parameter.arrives, tokenOf(index));
  }
  const receiver = engine.module.locals.find((local) => local.kind === "this" && local.body === id);
  if (receiver !== undefined) bring(receiver.id, receiverToken);
  return world;
}

/** Runs a function once and says what it does. */
function summarize(engine: Engine, id: BodyId): Summary {
  const { body } = engine.info(id);
  // An empty body is a hook for subclasses to fill, and they may do anything.
  const isEmpty = body.blocks.every((block) => block.steps.every((step) => step.kind === "end-scope"));
  if (isEmpty && body.kind === "method") return unknownSummary;
  const frame: Frame = { engine, info: engine.info(id), stack: [id], reports: false };
  if (body.generator) return summaryOfGenerator(frame, id);
  return summaryOfRun(engine, id, runBody(frame, [worldWithParameters(engine, id)]));
}

/** It runs when it is asked for values: what it does then to its parameters, its caller does not see happen. */
function summaryOfGenerator(frame: Frame, id: BodyId): Summary {
  const yields: (Shape | undefined)[] = [];
  const origins = originsOf(frame.engine);
  const onYield = (world: World, value: AbstractValue): void => {
    yields.push(ownShape(describe(world, value, origins)));
  };
  const { complete } = runBody({ ...frame, onYield }, [worldWithParameters(frame.engine, id)]);
  const [first, ...others] = yields;
  const of = others.reduce(eitherShape, first);
  if (!complete || of === undefined || yields.includes(undefined)) return unknownSummary;
  return { ...unknownSummary, returns: { parts: [{ kind: "generator", of }], other: 0 } };
}

/** Undefined where a value is, or may be, something that the caller has already. */
function ownShape(shape: Shape | undefined): Shape | undefined {
  const isFresh = ({ kind }: Shape["parts"][number]): boolean => kind === "fresh";
  return shape?.parts.every((part) => isFresh(part) || (part.kind === "promise" && part.of.parts.every(isFresh)))
    ? shape
    : undefined;
}

function summaryOfRun(engine: Engine, id: BodyId, { endings, complete }: RunResult): Summary {
  const { body } = engine.info(id);
  if (!complete || endings.length === 0) return unknownSummary;
  const parameters = body.params.map((_, index) => effectOf(endings, tokenOf(index)));
  const receiver = effectOf(endings, receiverToken);
  const shapes = shapesOf(endings, body.params.length, originsOf(engine));
  return { parameters, rest: body.params.at(-1)?.rest ?? false, receiver, ...shapes };
}

const effects: Readonly<Record<string, Effect>> = { joined: "joins", moved: "moves", dropped: "drops" };

/** What all ways through the function have done to one token. */
function effectOf(endings: readonly Evaluated[], token: TokenId): Effect {
  const found = new Set<Effect>();
  for (const { world } of endings) {
    const kept = world.tokens.get(token);
    if (kept !== undefined) found.add(kept.givenTo ?? "borrows");
    const outcome = world.outcomes.get(token);
    if (outcome !== undefined && outcome.state !== "unjudged") found.add(effects[outcome.state] ?? "takes");
  }
  const [only, ...others] = found;
  return others.length > 0 ? "takes" : (only ?? "borrows");
}

function originsOf(engine: Engine): Origins {
  const numbers = new Map<string, number>();
  const channels = new Map<string, number>();
  return {
    parameterOf: (token) => {
      if (token === receiverToken) return "this";
      const index = /^parameter (\d+)$/.exec(token)?.[1];
      return index === undefined ? undefined : Number(index);
    },
    numberOf: (token) => {
      // Handles made in several turns of a loop are all the caller's in the same way.
      const site = token.slice(0, token.indexOf("#"));
      const number = numbers.get(site) ?? numbers.size;
      numbers.set(site, number);
      return number;
    },
    channelOf: (name) => {
      const number = channels.get(name) ?? channels.size;
      channels.set(name, number);
      return number;
    },
    functionOf: (body) => (engine.concerns(body) ? closureKey(engine.module, body) : undefined),
  };
}

/** What it hands out: by returning it, and by putting it into what it was given. */
function shapesOf(
  endings: readonly Evaluated[],
  parameters: number,
  origins: Origins,
): Pick<Summary, "returns" | "puts"> {
  const returns = endings.map(({ world, value }) => describe(world, value, origins)).reduce(eitherShape);
  const puts = new Map<number, Shape>();
  for (let index = 0; index < parameters; index++) {
    const shapes = endings.flatMap(({ world }) => {
      const put = world.locals.get(insertedInto(tokenOf(index)));
      return put === undefined ? [] : (describe(world, put, origins) ?? []);
    });
    if (shapes.length > 0)
      puts.set(
        index,
        shapes.reduce((a, b) => eitherShape(a, b) ?? a),
      );
  }
  return { returns, puts };
}
