/** A lock around a number that is only counted up or down, and read: an atomic does that without a lock. */
import type { Facts } from "../../facts.js";
import type { Call, LocalId, Module, Step } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import { roleOf } from "../../models/roles.js";
import { numberOf } from "../../threads/constants.js";
import { sceneOf } from "../../threads/scene.js";
import { threadStarts } from "../../threads/starts.js";
import { type CallSite, indexModule, type Use } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { guardsPrimitive, guardUses, isQuiet } from "./guards.js";

export function lockedCounters(facts: Facts): readonly Report[] {
  const { counter } = libraryOf(facts).dialect;
  // A lock is what one learns first, and right; the advice is for those who use atomics already.
  if (counter === undefined || !usesAtomics(facts)) return [];
  return indexModule(facts.module).calls.flatMap((site) => {
    const name = isNumberLock(facts, site) ? onlyCounted(facts, site) : undefined;
    return name === undefined ? [] : [findingFor(facts, site, name, counter)];
  });
}

function usesAtomics({ module, models }: Facts): boolean {
  return module.imports.some(
    ({ specifier, names }) =>
      models.dialects.has(specifier) &&
      names.some(({ imported, local }) => /^[aA]tomic/.test(imported) && module.locals[local]?.typeOnly === false),
  );
}

/** `new Mutex(0)` */
function isNumberLock({ module, models }: Facts, { call }: CallSite): boolean {
  const [value, ...others] = call.args;
  const isLock = call.type?.kind === "named" && models.type(call.type.symbol) === "lock";
  if (call.form !== "new" || !isLock || value === undefined || value.spread || others.length > 0) return false;
  return roleOf(module, models, call)?.kind === "share" && isSmall(numberOf(module, value.value));
}

/** A whole number that an atomic of 32 bits can hold. */
function isSmall(value: number | undefined): boolean {
  return value !== undefined && (value | 0) === value;
}

/** The name of the lock, where each guard of it does one thing: it adds a constant, or it reads. */
function onlyCounted(facts: Facts, site: CallSite): string | undefined {
  const holders = holdersOf(facts, site);
  if (holders === undefined || holders.locks.length === 0) return undefined;
  let added = 0;
  for (const lock of holders.locks) {
    const uses = guardUses(facts, lock);
    if (uses === undefined || uses.writes.length > 0 || !guardsPrimitive(uses) || !isQuiet(facts, lock, uses))
      return undefined;
    const [update, ...further] = uses.updates;
    if (further.length > 0 || (update === undefined) === (uses.reads.length === 0)) return undefined;
    if (update !== undefined && !addsConstant(facts, update.step)) return undefined;
    if (update !== undefined) added++;
  }
  return added > 0 ? holders.name : undefined;
}

/** `n.value += 2`, whose result nobody takes. */
function addsConstant({ module }: Facts, step: Step | undefined): boolean {
  if (step?.kind !== "update" || step.place.path.length !== 1 || !isUnused(module, step.result)) return false;
  switch (step.operator) {
    case "++":
    case "--":
      return true;
    case "+=":
    case "-=":
      return step.value !== undefined && isSmall(numberOf(module, step.value));
    default:
      return false;
  }
}

function isUnused(module: Module, local: LocalId): boolean {
  const uses = indexModule(module).uses.get(local) ?? [];
  return uses.every(({ step, access }) => access !== "read" || step?.kind === "discard" || step?.kind === "end-scope");
}

interface Holders {
  readonly name: string;
  /** Where the lock is taken. */
  readonly locks: readonly CallSite[];
}

/** All that is done with a lock, in this thread and those it is moved into. Undefined where other code may have it. */
function holdersOf(facts: Facts, made: CallSite): Holders | undefined {
  const { module } = facts;
  const { uses, calls } = indexModule(module);
  const arrivals = arrivalsOf(facts);
  const holders = new Set<LocalId>(made.step.to.path.length === 0 ? [made.step.to.base] : []);
  const locks: CallSite[] = [];
  for (const id of holders) {
    const local = module.locals[id];
    if (local === undefined || local.reassigned || local.exported) return undefined;
    for (const use of uses.get(id) ?? []) {
      const { step } = use;
      if (step?.kind === "end-scope" || step?.kind === "dispose" || step?.kind === "discard") continue;
      if (step?.kind !== "assign" || step.to.path.length > 0) return undefined;
      if (step.to.base === id && use.access === "write") continue;
      const next = passedOn(facts, use, step, arrivals);
      if (next === undefined) return undefined;
      if (next === "locked") locks.push(...calls.filter((site) => site.step === step));
      else for (const holder of next) holders.add(holder);
    }
  }
  const name = [...holders].map((id) => module.locals[id]).find((local) => local?.kind !== "temp")?.name;
  return name === undefined ? undefined : { name, locks };
}

/** What holds the lock next. `locked`: it is taken here. */
function passedOn(
  { module, models }: Facts,
  { place }: Use,
  { value, to }: Step & { readonly kind: "assign" },
  arrivals: Arrivals,
): readonly LocalId[] | "locked" | undefined {
  if (place.path.length > 0) return undefined;
  if (value.kind === "use") return [to.base];
  const role = value.kind === "call" ? roleOf(module, models, value) : undefined;
  if (value.kind !== "call" || role === undefined) return undefined;
  const isReceiver = value.receiver?.kind === "place" && value.receiver.place.base === place.base;
  switch (role.kind) {
    case "lock":
      return isReceiver ? "locked" : undefined;
    case "clone":
      return isReceiver ? [to.base] : undefined;
    case "share":
      return isReceiver ? undefined : [to.base];
    case "borrow":
    case "drop":
      return [];
    case "move":
      return arrivals.get(value)?.(place.base);
    default:
      return undefined;
  }
}

/** For each call of `move`, the parameter that a local arrives in. */
type Arrivals = ReadonlyMap<Call, (local: LocalId) => readonly LocalId[] | undefined>;

function arrivalsOf(facts: Facts): Arrivals {
  const found = new Map<Call, (local: LocalId) => readonly LocalId[] | undefined>();
  for (const { move, moved, closure } of threadStarts(sceneOf(facts))) {
    if (move === undefined || moved === undefined || closure.module !== facts.module || closure.how !== "inline")
      continue;
    found.set(move, (local) => {
      const params = moved
        .filter(({ argument: { value } }) => value.kind === "place" && value.place.base === local)
        .map(({ param }) => param?.local);
      return params.every((param) => param !== undefined) ? params : undefined;
    });
  }
  return found;
}

function findingFor({ file }: Facts, { call }: CallSite, name: string, counter: string): Report {
  return {
    message: `\`${name}\` locks a number that is only added to and read: an atomic does that without a lock`,
    location: { file, ...call.spans.whole },
    label: "each guard of it does one of the two, and nothing else",
    related: [],
    notes: ["an atomic adds in one step, so that nobody has to wait, and nothing has to be given back"],
    help: [`Use ${counter}`],
    fixes: [],
    tags: [],
  };
}
