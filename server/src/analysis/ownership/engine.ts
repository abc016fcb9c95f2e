/** What one run of the analysis over a file shares: the file, what is known of it beforehand, and what was found. */
import type { Span } from "../diagnostic.js";
import { type Closures, findClosures } from "../flow/closures.js";
import { type Conditions, findConditions } from "../flow/conditions.js";
import { naturalLoops } from "../flow/graph.js";
import { type Liveness, liveTemporaries } from "../flow/liveness.js";
import { operandsOf } from "../flow/operands.js";
import type { Block, BlockId, Body, BodyId, Call, LocalId, Loop, Module, Operand, Step, Value } from "../mir/mir.js";
import type { Models, Role } from "../models/model.js";
import { roleOf as roleInModule } from "../models/roles.js";
import type { SymbolKey } from "../program/program.js";
import type { Grade, Raising } from "../summaries/raising.js";
import type { Summary } from "../summaries/summary.js";
import { countedStep } from "./counted.js";
import type { Holding } from "./holdings.js";
import { createMentions, type Mentions } from "./mentions.js";
import type { Event, Protocol } from "./protocol.js";
import type { AbstractValue } from "./value.js";
import type { World } from "./world.js";

/** Where a tracked value is made: a spawn, a lock, a join, or a call of a function that returns what it made so. */
export interface Site {
  readonly id: string;
  readonly body: BodyId;
  readonly call: Call;
  readonly step: Step;
  /** `wrapper`: a function of the project that leaves the value to its caller. */
  readonly origin: "made" | "wrapper";
  /** What the value is: each rule reports the losses of its own. */
  readonly protocol: Protocol;
  /** The first named variable that gets it. */
  local: LocalId | undefined;
  /** The first container it is put into. */
  container: LocalId | undefined;
  /** The last call that asked for its join as a promise. */
  join: Call | undefined;
  /** On some path its obligation was met: somebody waited for it, or released it. */
  met: boolean;
  /** Methods of the project that were given it and left it to their caller. A subclass may do better. */
  lent: readonly SymbolKey[];
}

/** How a value came to be lost. */
export interface Loss {
  readonly site: Site;
  /** `discarded`: never held. `overwritten`: its variable got another value. `left`: its variable went out of scope. */
  readonly kind: "discarded" | "overwritten" | "left";
  /** What was left of it was the promise of its join. */
  readonly pending: boolean;
  /** The variable that held it last. */
  readonly local: LocalId | undefined;
  /** Holds it directly, or in a container. */
  readonly held: "directly" | "inside" | "not";
  /** What stood between the holder and the value: a Result that nobody opened, or a promise that nobody awaited. */
  readonly wrapped: "result" | "promise" | undefined;
  /** What held it may as well have held nothing: `handles[0]`. */
  readonly maybeNothing: boolean;
  readonly step: Step | undefined;
  /** Where the path leaves: a `return`, `throw`, `break` or `continue`, or the end of the scope. */
  readonly exit: Exit;
}

export interface Exit {
  readonly span: Span;
  /** `call`: a call that throws. Undefined: the end of the scope. */
  readonly keyword: "return" | "throw" | "break" | "continue" | "call" | undefined;
  /** Of a call that throws. */
  readonly grade?: Grade;
}

/** A value that was used in a state in which it must not be. */
export interface Misuse {
  readonly protocol: Protocol;
  /** The state it was in: moved, dropped. */
  readonly state: string;
  readonly event: Event;
  /** Where it came into that state. */
  readonly since: Origin;
  readonly at: Span;
  readonly body: BodyId;
}

/** What brought a value into its state: the operand that was moved or dropped, and the call that did it. */
export interface Origin {
  readonly span: Span;
  readonly call: Call | undefined;
  /** Undefined for what a test does. */
  readonly step: Step | undefined;
}

/** What waits for the end of a channel, of which the same function still has a sender. */
export type Endless =
  /** A loop over what the channel brings. */
  | {
      readonly kind: "loop";
      readonly body: BodyId;
      readonly loop: Loop;
      /** The receiver. */
      readonly operand: Operand;
      readonly sender: Site;
      /** The thread that keeps the channel open, as it waits for one that the sender keeps open. */
      readonly through: Site | undefined;
    }
  /** The join of a thread that is in such a loop. */
  | {
      readonly kind: "join";
      readonly body: BodyId;
      readonly step: Step;
      readonly thread: Site;
      readonly sender: Site;
      readonly through: Site | undefined;
    };

/** A place where a handle is waited for as if it were a promise. */
export interface AwaitedHandle {
  readonly body: BodyId;
  readonly step: Step;
  readonly operand: Operand;
  /** `combined`: handles in place of their joins were given to `Promise.all`. */
  readonly kind: "awaited" | "combined";
  readonly site: Site | undefined;
}

export interface Engine {
  readonly module: Module;
  readonly models: Models;
  readonly conditions: Conditions;
  readonly closures: Closures;
  readonly sites: Map<string, Site>;
  readonly losses: Map<string, Loss>;
  readonly awaited: Map<string, AwaitedHandle>;
  readonly misuses: Map<string, Misuse>;
  readonly endless: Map<string, Endless>;
  /** Of those, what some path sees come to its end. */
  readonly ending: Set<string>;
  readonly holdings: Map<string, Holding>;
  /** Bodies that were looked into, by themselves or where they are called. */
  readonly visited: Set<BodyId>;
  /** What a function of the project does. Undefined: unknown code. */
  readonly summary: (symbol: SymbolKey) => Summary | undefined;
  /** What a function of the project throws before everybody's eyes. */
  readonly raising: (symbol: SymbolKey) => Raising | undefined;
  /** Whether a function of the project makes or moves something that is tracked, itself or through others. */
  readonly concernsByName: (symbol: SymbolKey) => boolean;
  /** Whether a body, or one inside of it, makes or moves something that is tracked. */
  concerns(body: BodyId): boolean;
  /** Whether a body, or one inside of it, may move or drop something: which values its variables own is of interest. */
  moves(body: BodyId): boolean;
  info(body: BodyId): BodyInfo;
}

/** What is worked out once a body. */
export interface BodyInfo {
  readonly body: Body;
  readonly liveness: Liveness;
  readonly loops: ReadonlyMap<BlockId, ReadonlySet<BlockId>>;
  /** The head of the innermost loop around a block. */
  readonly innermost: ReadonlyMap<BlockId, BlockId>;
  /** For each loop, the operands out of which it takes elements. */
  readonly drained: ReadonlyMap<BlockId, readonly Operand[]>;
  /** The steps that take the next element of an array in each turn of a loop, by number. */
  readonly counted: ReadonlySet<Step>;
}

/** What the project's functions do, for one file's engine to ask. */
export interface Project {
  of(symbol: SymbolKey): Summary | undefined;
  concerns(symbol: SymbolKey): boolean;
  raising(symbol: SymbolKey): Raising | undefined;
}

export function createEngine(module: Module, models: Models, project: Project): Engine {
  const { conditions, closures, mentions, infos } = ofModule(module, models);
  const engine: Engine = {
    module,
    models,
    conditions,
    closures,
    sites: new Map(),
    losses: new Map(),
    awaited: new Map(),
    misuses: new Map(),
    endless: new Map(),
    ending: new Set(),
    holdings: new Map(),
    visited: new Set(),
    summary: project.of,
    raising: project.raising,
    concernsByName: project.concerns,
    concerns(id) {
      const { concerns, symbols } = mentions(id);
      return concerns || symbols.some(project.concerns);
    },
    moves(id) {
      const { moves, symbols } = mentions(id);
      return moves || symbols.some(project.concerns);
    },
    info(id) {
      const known = infos.get(id);
      if (known !== undefined) return known;
      const made = bodyInfo(module, id, engine);
      infos.set(id, made);
      return made;
    },
  };
  return engine;
}

/** What follows from a file and the models alone. */
interface OfModule extends Pick<Engine, "conditions" | "closures"> {
  readonly mentions: (body: BodyId) => Mentions;
  readonly infos: Map<BodyId, BodyInfo>;
}

const known = new WeakMap<Models, WeakMap<Module, OfModule>>();

/** Worked out once: a file is looked into anew for each file that calls it. */
function ofModule(module: Module, models: Models): OfModule {
  const modules = known.get(models) ?? new WeakMap<Module, OfModule>();
  known.set(models, modules);
  const found: OfModule = modules.get(module) ?? {
    conditions: findConditions(module),
    closures: findClosures(module, models),
    mentions: createMentions(module, models, { concerning: concerningRoles, moving: movingRoles }),
    infos: new Map(),
  };
  modules.set(module, found);
  return found;
}

/** The roles that make a tracked value, or that a value must not be used behind. */
const concerningRoles: ReadonlySet<Role["kind"]> = new Set([
  "spawn",
  "move",
  "join",
  "lock",
  "channel",
  "send",
  "drop",
  "worker",
  "post",
  "task",
  "thread-pool",
]);
const movingRoles: ReadonlySet<Role["kind"]> = new Set(["move", "send", "drop", "post", "worker", "task"]);

/** Which conditions a file tests, and what its temporaries hold. */
export function conditionsOf(module: Module, models: Models): Conditions {
  return ofModule(module, models).conditions;
}

/** What a body of a file mentions of concern. */
export function mentionsOf(module: Module, models: Models, body: BodyId): Mentions {
  return ofModule(module, models).mentions(body);
}

function bodyInfo(module: Module, id: BodyId, engine: Engine): BodyInfo {
  const body = module.bodies[id];
  if (body === undefined) throw new RangeError(`There is no body ${id} in ${module.file}`);
  const loops = naturalLoops(body.blocks);
  const innermost = new Map<BlockId, BlockId>();
  const drained = new Map<BlockId, readonly Operand[]>();
  const counted = new Set<Step>();
  const bySize = [...loops].sort(([, a], [, b]) => b.size - a.size);
  for (const [head, members] of bySize) {
    for (const member of members) innermost.set(member, head);
    const blocks = body.blocks.filter((block) => members.has(block.id));
    const taken = drainedBy(blocks, body.blocks[head], engine);
    drained.set(head, taken);
    const step = taken.length === 0 ? undefined : countedStep(module, body.blocks[head], members);
    if (step !== undefined) counted.add(step);
  }
  return { body, liveness: liveTemporaries(body, module.locals), loops, innermost, drained, counted };
}

/**
 * The containers out of which a loop takes all elements, if it comes to its end. One that is filled in the same turns holds
 * what was put into it last, where it is something else that the loop goes over.
 */
function drainedBy(blocks: readonly Block[], head: Block | undefined, engine: Engine): readonly Operand[] {
  const taken = blocks.flatMap((block) => takenFrom(block, engine));
  if (taken.length === 0 || head?.loop?.kind !== "for-of") return taken;
  const filled = new Set(blocks.flatMap((block) => block.steps.flatMap((step) => filledBy(step, engine) ?? [])));
  // What is put into the array itself that the loop goes over has its turn too.
  if (head.end.kind === "branch") filled.delete(nameOf(head.end.condition));
  return filled.size === 0 ? taken : taken.filter((operand) => !filled.has(nameOf(operand)));
}

/** The container that a step puts something into. */
function filledBy(step: Step, engine: Engine): string | undefined {
  if (step.kind !== "assign" || step.value.kind !== "call" || step.value.receiver === undefined) return undefined;
  const isPush = step.value.method === "push" && roleOf(engine, step.value)?.kind === "insert";
  return isPush ? nameOf(step.value.receiver) : undefined;
}

function nameOf(operand: Operand): string {
  if (operand.kind !== "place") return "";
  const { base, path } = operand.place;
  return `${base}${path.map((step) => (step.kind === "field" ? `.${step.name}` : "[]")).join("")}`;
}

/** The containers out of which a block takes elements. */
function takenFrom(block: Block, engine: Engine): readonly Operand[] {
  const steps = block.steps.flatMap((step) => (step.kind === "assign" ? takenBy(step.value, engine) : []));
  const { end } = block;
  return end.kind === "branch" && end.condition.kind === "place" && block.loop?.kind.startsWith("for-")
    ? [...steps, end.condition]
    : steps;
}

function takenBy(value: Value, engine: Engine): readonly Operand[] {
  const indexed = operandsOf(value).flatMap((operand): Operand[] => {
    if (operand.kind !== "place") return [];
    const at = operand.place.path.findIndex((step) => step.kind === "index");
    return at < 0 ? [] : [{ ...operand, place: { base: operand.place.base, path: operand.place.path.slice(0, at) } }];
  });
  if (value.kind === "element") return [...indexed, value.of];
  if (value.kind !== "call") return indexed;
  const role = roleOf(engine, value);
  if (role === undefined) return [...indexed, ...value.args.map((argument) => argument.value)];
  const takes = role.kind === "take" || role.kind === "view" || role.kind === "each";
  return takes && value.receiver !== undefined ? [...indexed, value.receiver] : indexed;
}

/** The role of what a call calls. */
export function roleOf(engine: Engine, call: Call): Role | undefined {
  return roleInModule(engine.module, engine.models, call);
}

/** One body being run: where it was called from, and what it hands back besides its return value. */
export interface Frame {
  readonly engine: Engine;
  readonly info: BodyInfo;
  /** The bodies being run, the innermost last. */
  readonly stack: readonly BodyId[];
  /** `follow`: nothing is reported, since the run only finds out what the function does. */
  readonly reports: boolean;
  /** Takes what a generator gives. */
  readonly onYield?: (world: World, value: AbstractValue) => void;
}

export function isTemp(frame: Frame, local: LocalId): boolean {
  return frame.engine.module.locals[local]?.kind === "temp";
}
