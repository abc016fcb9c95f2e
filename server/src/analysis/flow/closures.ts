/**
 * Which functions of a file the analysis can follow from where they are called: a callback that runs at once
 * (`handles.map((h) => h.join())`), and a local function that is only ever called. What all others capture is out of its sight.
 */
import type { Body, BodyId, Call, LocalId, Module, Operand, Step } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { readAtEnd, readBy, writtenBy } from "./operands.js";

export interface Closures {
  /** Its calls are followed, with the variables of the functions around it as they are at the call. */
  followed(body: BodyId): boolean;
  /** The variable is used by a function that may run at any time. */
  outOfSight(local: LocalId): boolean;
}

export function findClosures(module: Module, models: Models): Closures {
  const { loose, callers } = findUses(module, models);
  const named = new Set(module.locals.flatMap((local) => (local.function === undefined ? [] : [local.function])));
  const followed = new Set(module.bodies.filter((body) => mayFollow(body)).map((body) => body.id));
  for (const body of loose) followed.delete(body);
  for (const local of module.locals) {
    if (local.function !== undefined && (local.exported || local.reassigned)) followed.delete(local.function);
  }
  // Functions of the module are called from functions of the module, at any time.
  for (const body of module.bodies) if (named.has(body.id) && body.parent === 0) followed.delete(body.id);
  dropCalledFromElsewhere(module, followed, callers);
  const hidden = findHidden(module, models, followed);
  return { followed: (body) => followed.has(body), outOfSight: (local) => hidden.has(local) };
}

/** What functions that may run at any time do more with than look at it: `isFinished()` leaves a value to whoever has it. */
function findHidden(module: Module, models: Models, followed: ReadonlySet<BodyId>): ReadonlySet<LocalId> {
  const hidden = new Set<LocalId>();
  const taken = new Map<BodyId, ReadonlySet<LocalId>>();
  const isTaken = (local: LocalId, by: BodyId): boolean => {
    const body = module.bodies[by];
    const known = taken.get(by) ?? (body === undefined ? new Set<LocalId>() : findTaken(module, models, body));
    taken.set(by, known);
    return known.has(local);
  };
  for (const body of module.bodies) {
    if (body.parent === undefined || followed.has(body.id)) continue;
    for (const { local, uses } of body.captures) if (uses.some((use) => isTaken(local, use.body))) hidden.add(local);
  }
  return hidden;
}

function findTaken(module: Module, models: Models, { blocks }: Body): ReadonlySet<LocalId> {
  const taken = new Set<LocalId>();
  const take = (operand: Operand): void => {
    if (operand.kind === "place") taken.add(operand.place.base);
  };
  for (const block of blocks) {
    for (const step of block.steps) {
      const call = step.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
      if (call === undefined || !looks(module, models, call)) readBy(step).forEach(take);
      const written = writtenBy(step);
      if (written !== undefined) taken.add(written.base);
    }
    if (block.end.kind !== "branch") readAtEnd(block).forEach(take);
  }
  return taken;
}

/** Whether a call only looks at what it is made on and at what it is given. */
function looks(module: Module, models: Models, call: Call): boolean {
  const kind = roleOf(module, models, call)?.kind;
  return kind === "borrow" || kind === "finished";
}

function mayFollow(body: Body): boolean {
  return (body.kind === "function" || body.kind === "arrow") && !body.generator;
}

interface Uses {
  /** Functions that are used other than by calling them or by handing them to code that calls them at once. */
  readonly loose: ReadonlySet<BodyId>;
  /** The bodies in which a named function is called. */
  readonly callers: ReadonlyMap<BodyId, ReadonlySet<BodyId>>;
}

function findUses(module: Module, models: Models): Uses {
  const loose = new Set<BodyId>();
  const callers = new Map<BodyId, Set<BodyId>>();
  const use = (operand: Operand, declared: LocalId | undefined): void => {
    const body = functionOf(module, operand);
    if (body === undefined) return;
    // `const f = () => …` names the function; how the name is used decides.
    if (operand.kind === "function" && declared !== undefined && module.locals[declared]?.function === body) return;
    loose.add(body);
  };
  for (const body of module.bodies) {
    for (const block of body.blocks) {
      for (const step of block.steps) {
        const call = step.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
        const called = call === undefined ? [] : calledAtOnce(call, module, models);
        for (const operand of called) {
          const callee = functionOf(module, operand);
          if (callee !== undefined) callers.set(callee, (callers.get(callee) ?? new Set<BodyId>()).add(body.id));
        }
        for (const operand of readBy(step)) if (!called.includes(operand)) use(operand, declaredBy(step));
      }
      for (const operand of readAtEnd(block)) use(operand, undefined);
    }
  }
  return { loose, callers };
}

function functionOf(module: Module, operand: Operand): BodyId | undefined {
  if (operand.kind === "function") return operand.body;
  return operand.kind === "place" && operand.place.path.length === 0
    ? module.locals[operand.place.base]?.function
    : undefined;
}

function declaredBy(step: Step): LocalId | undefined {
  return step.kind === "assign" && step.to.path.length === 0 ? step.to.base : undefined;
}

/** The operands of a call that are called by it, and done with when it returns. */
function calledAtOnce(call: Call, module: Module, models: Models): readonly Operand[] {
  if (call.form !== "call") {
    const isPromise = call.form === "new" && roleOf(module, models, call)?.kind === "executor";
    return isPromise ? call.args.slice(0, 1).map(({ value }) => value) : [];
  }
  const role = call.symbol === undefined ? undefined : models.callable(call.symbol, "call");
  const position = role?.kind === "each" || role?.kind === "scope" ? 0 : role?.kind === "collect" ? 1 : undefined;
  const callback = position === undefined ? [] : call.args.slice(position, position + 1).map((one) => one.value);
  return call.receiver === undefined ? [call.callee, ...callback] : callback;
}

/** A named function that some function out of sight calls runs at any time too. */
function dropCalledFromElsewhere(
  module: Module,
  followed: Set<BodyId>,
  callers: ReadonlyMap<BodyId, ReadonlySet<BodyId>>,
): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of [...followed]) {
      const home = module.bodies[id]?.parent;
      const elsewhere = [...(callers.get(id) ?? [])].some((caller) => caller !== home && !followed.has(caller));
      if (!elsewhere) continue;
      followed.delete(id);
      changed = true;
    }
  }
}
