/** What becomes of a lock behind a wait for a notification: whether anybody looks again at what it guards. */
import type { Body, BodyId, Call, LocalId, Module, Operand, Place, Step, Value } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { reachableFrom } from "../../threads/reach.js";
import { type CallSite, indexModule, operandsOnce, type Point, usedAtEnd } from "../../threads/walk.js";

export interface Aftermath {
  /** Some branch behind the wait, before the lock is taken anew, depends on what is guarded. */
  readonly looksAgain: boolean;
  /** The guard goes to code that may look: it is returned, stored, or given to a function. */
  readonly handedOn: boolean;
  /** What is guarded, or something made of it, is returned. */
  readonly returned: boolean;
  /** The guard itself is returned. */
  readonly givesBack: boolean;
}

/**
 * What a local has to do with a guard: `wrapper` is the guard, or the promise or the Result it comes in; `value` is what it
 * guards, or something made of that.
 */
type Level = "wrapper" | "value";

interface Inquiry {
  readonly module: Module;
  readonly models: Models;
  readonly body: Body;
  readonly levels: Map<LocalId, Level>;
  /** The wait, whose call does no more with the guard than to wait. */
  readonly wait: Step | undefined;
}

/** Fields that say how the waiting went, and nothing of what is guarded. */
const aboutTheWait = new Set(["ok", "error", "timedOut"]);
const maxRounds = 12;

/** A wait, and what is its guard behind it where that is not what it returns. */
type Wait = Pick<CallSite, "at" | "step"> | { readonly at: Point; readonly guard: LocalId };

export function aftermathOf(module: Module, models: Models, body: Body, wait: Wait): Aftermath {
  const { at } = wait;
  const guard = "guard" in wait ? wait.guard : wait.step.to.base;
  const step = "step" in wait ? wait.step : body.blocks[at.block]?.steps[at.index];
  const inquiry: Inquiry = { module, models, body, levels: new Map([[guard, "wrapper"]]), wait: step };
  const handedOn = spread(inquiry);
  const givesBack = returnsGuard(inquiry);
  const isAfter = reachableFrom(body, at, locksOf(inquiry));
  let looksAgain = false;
  let returned = false;
  for (const block of body.blocks) {
    const end = { body: body.id, block: block.id, index: block.steps.length };
    if (!isAfter(end)) continue;
    if (block.end.kind === "branch" && isLook(inquiry, block.end, end, at)) looksAgain = true;
    if (block.end.kind === "return" && usedAtEnd(block).some((each) => levelOf(inquiry, each) !== undefined))
      returned = true;
  }
  return { looksAgain, handedOn: handedOn || givesBack, returned, givesBack };
}

/** Where the lock is taken anew: what is looked at behind it was not waited for. */
function locksOf({ module, models, body }: Inquiry): readonly Point[] {
  const calls = indexModule(module).callsOf.get(body.id) ?? [];
  return calls.filter(({ call }) => roleOf(module, models, call)?.kind === "lock").map(({ at }) => at);
}

function isLook(
  inquiry: Inquiry,
  end: Body["blocks"][number]["end"] & { readonly kind: "branch" },
  at: Point,
  wait: Point,
): boolean {
  if (usedAtEnd({ end }).some((operand) => levelOf(inquiry, operand) === "value")) return true;
  // A loop around the wait may ask something that says the same: a flag, a function.
  return reachableFrom(inquiry.body, at)(wait) && !isCounter(inquiry, end.condition, 0);
}

/** Made of constants and of variables that only this function has: it says nothing about other threads. */
function isCounter(inquiry: Inquiry, operand: Operand, depth: number): boolean {
  const { module, body } = inquiry;
  if (operand.kind === "constant") return true;
  if (operand.kind !== "place" || depth > 6) return false;
  const { base, path } = operand.place;
  const local = module.locals[base];
  if (local === undefined || local.body !== body.id) return false;
  if (local.kind !== "temp") {
    const isLength = path.length === 1 && path[0]?.kind === "field" && path[0].name === "length";
    return (path.length === 0 || isLength) && !isChangedElsewhere(module, base, body.id);
  }
  const definitions = indexModule(module).definitions.get(base) ?? [];
  return definitions.every(({ step: { value } }) => {
    // Whether there is a next element.
    if (value.kind === "array") return true;
    if (value.kind === "use") return isCounter(inquiry, value.operand, depth + 1);
    return value.kind === "compute" && value.operands.every((each) => isCounter(inquiry, each, depth + 1));
  });
}

function isChangedElsewhere(module: Module, local: LocalId, body: BodyId): boolean {
  return module.bodies.some(
    (other) =>
      other.id !== body &&
      other.captures.some((capture) => capture.local === local && capture.uses.some((use) => use.access !== "read")),
  );
}

function returnsGuard(inquiry: Inquiry): boolean {
  return inquiry.body.blocks.some(
    ({ end }) => end.kind === "return" && usedAtEnd({ end }).some((operand) => levelOf(inquiry, operand) === "wrapper"),
  );
}

/** Fills the levels, and says whether the guard is handed on. */
function spread(inquiry: Inquiry): boolean {
  let handedOn = false;
  for (let round = 0; round < maxRounds; round++) {
    const before = inquiry.levels.size;
    for (const { steps } of inquiry.body.blocks) {
      for (const step of steps) if (step.kind === "assign") handedOn = follow(inquiry, step) || handedOn;
    }
    if (inquiry.levels.size === before) break;
  }
  return handedOn;
}

function follow(inquiry: Inquiry, step: Step & { readonly kind: "assign" }): boolean {
  const { module, body, levels } = inquiry;
  if (step === inquiry.wait) return false;
  const { level, handedOn } = evaluated(inquiry, step.value);
  if (level === undefined) return handedOn;
  const isOwn = step.to.path.length === 0 && module.locals[step.to.base]?.body === body.id;
  if (!isOwn) return handedOn || level === "wrapper";
  if (!levels.has(step.to.base)) levels.set(step.to.base, level);
  return handedOn;
}

interface Followed {
  readonly level: Level | undefined;
  readonly handedOn: boolean;
}

function evaluated(inquiry: Inquiry, value: Value): Followed {
  switch (value.kind) {
    case "use":
    case "await":
      return { level: levelOf(inquiry, value.operand), handedOn: isClosureOver(inquiry, value.operand) };
    case "call":
      return called(inquiry, value);
    case "compute":
    case "element":
    case "caught":
      return { level: atMostValue(inquiry, value), handedOn: false };
    case "array":
    case "object":
    case "opaque":
    case "yield": {
      const holds = operandsOnce(value).some((operand) => levelOf(inquiry, operand) === "wrapper");
      return { level: atMostValue(inquiry, value), handedOn: holds || value.kind === "yield" };
    }
    default:
      return value satisfies never;
  }
}

function atMostValue(inquiry: Inquiry, value: Value): Level | undefined {
  return operandsOnce(value).some((operand) => levelOf(inquiry, operand) !== undefined) ? "value" : undefined;
}

function called(inquiry: Inquiry, call: Call): Followed {
  const role = roleOf(inquiry.module, inquiry.models, call);
  const receiver = call.receiver === undefined ? undefined : levelOf(inquiry, call.receiver);
  const levels = call.args.map(({ value }) => levelOf(inquiry, value));
  switch (role?.kind) {
    case "unwrap":
      return { level: receiver, handedOn: false };
    case "finished":
    case "drop":
      return { level: undefined, handedOn: false };
    case "relock":
      return { level: levels[0], handedOn: false };
    default: {
      if (isDisposal(call.callee)) return { level: undefined, handedOn: false };
      const holds = receiver === "wrapper" || (levels.includes("wrapper") && role?.kind !== "borrow");
      const isStandard = role !== undefined || isBuiltIn(call);
      const whole = !isStandard && call.args.some(({ value }) => isWhole(inquiry, value));
      return { level: atMostValue(inquiry, call), handedOn: holds || whole };
    }
  }
}

/** `guard[Symbol.dispose]()` */
function isDisposal(callee: Operand): boolean {
  const last = callee.kind === "place" ? callee.place.path.at(-1) : undefined;
  return last?.kind === "index" && last.by?.kind === "item" && /^Symbol\.(?:asyncD|d)ispose$/.test(last.by.name);
}

/** What the language or Node brings along looks at nothing for us. */
function isBuiltIn({ symbol, callee }: Call): boolean {
  if (symbol !== undefined) return symbol.package === "typescript" || symbol.package === "@types/node";
  return callee.kind === "item" && callee.local === undefined;
}

/** All of what is guarded, and not only something made of it: whoever gets it can look. */
function isWhole(inquiry: Inquiry, operand: Operand): boolean {
  if (operand.kind !== "place") return false;
  const { base, path } = operand.place;
  return inquiry.levels.get(base) === "wrapper" && path.length > 0 && levelOf(inquiry, operand) === "value";
}

/** A function that has the guard can look at any time. */
function isClosureOver({ module, levels }: Inquiry, operand: Operand): boolean {
  if (operand.kind !== "function") return false;
  return (module.bodies[operand.body]?.captures ?? []).some(({ local }) => levels.has(local));
}

function levelOf(inquiry: Inquiry, operand: Operand): Level | undefined {
  if (operand.kind === "place") return levelOfPlace(inquiry, operand.place);
  return isClosureOver(inquiry, operand) ? "value" : undefined;
}

function levelOfPlace({ levels }: Inquiry, { base, path }: Place): Level | undefined {
  let level = levels.get(base);
  for (const step of path) {
    if (level !== "wrapper") return level;
    if (step.kind === "field" && aboutTheWait.has(step.name)) return undefined;
    if (step.kind !== "field" || step.name !== "guard") level = "value";
  }
  return level;
}
