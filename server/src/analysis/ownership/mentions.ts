/** What a body mentions, as far as it says whether something tracked is made or moved there: found once a module. */
import { readBy } from "../flow/operands.js";
import type { BodyId, Call, LocalId, Module, Step } from "../mir/mir.js";
import type { Models, Role } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import type { SymbolKey } from "../program/program.js";
import { indexModule, onlyDefinition } from "../threads/walk.js";

/** Of a body with the bodies inside of it, and with the functions of the module that it names. */
export interface Mentions {
  /** A call makes a tracked value, or one that must not be used behind it. */
  readonly concerns: boolean;
  /** A call may move or drop something. */
  readonly moves: boolean;
  /** What else is called or handed on by its name. Each of them can be a function of concern. */
  readonly symbols: readonly SymbolKey[];
}

export interface RolesOfConcern {
  readonly concerning: ReadonlySet<Role["kind"]>;
  readonly moving: ReadonlySet<Role["kind"]>;
}

export function createMentions(module: Module, models: Models, roles: RolesOfConcern): (body: BodyId) => Mentions {
  const own = new Map<BodyId, OwnMentions>();
  const ownOf = (body: BodyId): OwnMentions => {
    const known = own.get(body) ?? ownMentions(module, models, roles, body);
    own.set(body, known);
    return known;
  };
  const whole = new Map<BodyId, Mentions>();
  return (body) => {
    const known = whole.get(body) ?? withInner(body, ownOf);
    whole.set(body, known);
    return known;
  };
}

interface OwnMentions extends Mentions {
  /** Bodies inside of it, and functions of the module that it names. */
  readonly inner: readonly BodyId[];
}

function withInner(body: BodyId, ownOf: (body: BodyId) => OwnMentions): Mentions {
  const symbols = new Set<SymbolKey>();
  const met = new Set([body]);
  let [concerns, moves] = [false, false];
  // A set goes on to what is added while it is walked.
  for (const id of met) {
    const own = ownOf(id);
    concerns ||= own.concerns;
    moves ||= own.moves;
    for (const symbol of own.symbols) symbols.add(symbol);
    for (const inner of own.inner) met.add(inner);
  }
  return { concerns, moves, symbols: [...symbols] };
}

/** The function of the project that gave another one, which a constant at the top of the file holds. */
export function makerOf(module: Module, local: LocalId): SymbolKey | undefined {
  const { kind, body, function: own } = module.locals[local] ?? {};
  if (kind !== "const" || body !== 0 || own !== undefined) return undefined;
  const made = onlyDefinition(module, local)?.step.value;
  return made?.kind === "call" && made.symbol?.package === undefined ? made.symbol : undefined;
}

/** `thread.spawn.call(thread, …)`, `thread.spawn.apply(…)` */
function roleOfCalled(module: Module, models: Models, call: Call): Role | undefined {
  if (call.method !== "call" && call.method !== "apply") return undefined;
  if (call.receiver?.kind !== "item") return undefined;
  return roleOf(module, models, { ...call, symbol: call.receiver.symbol, callee: call.receiver });
}

function ownMentions(module: Module, models: Models, { concerning, moving }: RolesOfConcern, id: BodyId): OwnMentions {
  const inner = [...(indexModule(module).nested.get(id) ?? [])];
  const symbols: SymbolKey[] = [];
  let [concerns, moves] = [false, false];
  const readCall = (step: Step): void => {
    if (step.kind !== "assign" || step.value.kind !== "call") return;
    const role = roleOf(module, models, step.value) ?? roleOfCalled(module, models, step.value);
    if (role !== undefined) {
      concerns ||= concerning.has(role.kind);
      moves ||= moving.has(role.kind);
      return;
    }
    const { symbol, callee } = step.value;
    if (symbol !== undefined && symbol.package === undefined) symbols.push(symbol);
    const isName = callee.kind === "place" && callee.place.path.length === 0;
    const maker = isName ? makerOf(module, callee.place.base) : undefined;
    if (maker !== undefined) symbols.push(maker);
  };
  for (const step of module.bodies[id]?.blocks.flatMap((block) => block.steps) ?? []) {
    readCall(step);
    // A function of concern is handed on by its name: `jobs.map(start)`.
    for (const operand of readBy(step)) {
      if (operand.kind === "item" && operand.symbol !== undefined) symbols.push(operand.symbol);
      if (operand.kind !== "place" || operand.place.path.length > 0) continue;
      const named = module.locals[operand.place.base]?.function;
      if (named !== undefined) inner.push(named);
    }
  }
  return { concerns, moves, symbols, inner };
}
