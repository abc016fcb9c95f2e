/** What is done with a guard: which of it only looks at the value, and what could also be done without the lock. */
import type { Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Local, LocalId, Operand, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { TypeKey } from "../../program/program.js";
import { type CallSite, indexModule, type Use } from "../../threads/walk.js";

export interface GuardUses {
  /** The variable that the guard is in. */
  readonly guard: Local;
  /** Of `guard.value`, and of what is in it. */
  readonly reads: readonly Use[];
  readonly updates: readonly Use[];
  readonly writes: readonly Use[];
  /** Where the guard is given back before its scope ends. */
  readonly dropped: Span | undefined;
}

/** Undefined where the guard goes to other code, or to nowhere. */
export function guardUses(facts: Facts, { step }: CallSite): GuardUses | undefined {
  const { module } = facts;
  const carriers = new Set<LocalId>(step.to.path.length === 0 ? [step.to.base] : []);
  const found = { reads: [] as Use[], updates: [] as Use[], writes: [] as Use[] };
  let dropped: Span | undefined;
  for (const id of carriers) {
    const local = module.locals[id];
    if (local === undefined || local.reassigned || local.exported) return undefined;
    for (const use of indexModule(module).uses.get(id) ?? []) {
      const [field] = use.place.path;
      if (field?.kind === "field" && field.name === "value") {
        if (use.access === "read") found.reads.push(use);
        else if (use.access === "update") found.updates.push(use);
        else found.writes.push(use);
        continue;
      }
      if (field !== undefined) return undefined;
      const next = passedOn(facts, id, use);
      if (next === undefined) return undefined;
      if (next === "dropped") dropped = use.span;
      else if (next !== "nothing") carriers.add(next);
    }
  }
  const guard = [...carriers].flatMap((id) => module.locals[id] ?? []).find(({ kind }) => kind !== "temp");
  return guard === undefined ? undefined : { guard, ...found, dropped };
}

/** The next local that the lock's promise, its Result or the guard is in. Undefined where it goes anywhere else. */
function passedOn({ module, models }: Facts, id: LocalId, { step }: Use): LocalId | "nothing" | "dropped" | undefined {
  switch (step?.kind) {
    case "dispose":
    case "end-scope":
    case "discard":
      return "nothing";
    case "assign": {
      if (step.to.base === id && step.to.path.length === 0) return "nothing";
      const { value } = step;
      const to = step.to.path.length === 0 ? step.to.base : undefined;
      if (value.kind === "await" || value.kind === "use") return to;
      const role = value.kind === "call" ? roleOf(module, models, value) : undefined;
      if (role?.kind === "unwrap") return to;
      return role?.kind === "drop" ? "dropped" : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether the lock's value is a number or the like, of which nothing but a copy can be had. */
export function guardsPrimitive({ guard }: GuardUses): boolean {
  const { type } = guard;
  const [value] = type?.kind === "named" ? type.args : [];
  return value !== undefined && isPrimitive(value);
}

function isPrimitive(type: TypeKey): boolean {
  return type.kind === "primitive" || (type.kind === "union" && type.members.every(isPrimitive));
}

/** Whether a read only looks: what is read is no object that somebody could change afterwards. */
export function onlyLooks({ module, models }: Facts, { step, terminator, place }: Use): boolean {
  const last = place.path.at(-1);
  // How many there are is a number, wherever it goes.
  if (last?.kind === "field" && /^(?:length|size)$/.test(last.name)) return true;
  if (terminator !== undefined) return terminator.kind === "branch";
  if (step?.kind === "update") return step.place !== place;
  if (step?.kind !== "assign") return false;
  if (step.value.kind === "compute") return true;
  return step.value.kind === "call" && roleOf(module, models, step.value)?.kind === "borrow";
}

/** Whether nothing else happens while the guard is held, which may be what the lock is there for. */
export function isQuiet(facts: Facts, site: CallSite, uses: GuardUses): boolean {
  const { module, models } = facts;
  const { start } = site.call.spans.whole;
  const end = uses.dropped?.start ?? module.scopes[uses.guard.scope]?.span.end ?? start;
  const within = ({ span }: Step): boolean => span.start >= start && span.start < end;
  const body = module.bodies[site.at.body];
  const steps = (body?.blocks ?? []).flatMap((block) => block.steps.filter(within));
  return steps.every((step) => {
    if (step.kind === "dispose") return step.local === uses.guard.id;
    if (step.kind !== "assign") return true;
    switch (step.value.kind) {
      case "yield":
        return false;
      case "await":
        return isOf(step.value.operand, site.step);
      case "call": {
        const kind = roleOf(module, models, step.value)?.kind;
        return step.value === site.call || kind === "borrow" || kind === "unwrap" || kind === "drop";
      }
      default:
        return true;
    }
  });
}

function isOf(operand: Operand, { to }: CallSite["step"]): boolean {
  return operand.kind === "place" && operand.place.base === to.base;
}
