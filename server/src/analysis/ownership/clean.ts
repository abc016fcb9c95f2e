/**
 * Which functions need not be run again after an edit: nothing was found in them the last time, and nothing that a run
 * of them reads is different now. Most functions of most files are like this while somebody types.
 *
 * A run reads the function with the functions inside of it, what the type checker says of its names, the module's
 * variables, and the summaries of the functions that it calls.
 */
import { readAtEnd, readBy } from "../flow/operands.js";
import type { Body, BodyId, Local, Module, Operand, Step } from "../mir/mir.js";
import type { SymbolKey, TypeKey } from "../program/program.js";
import { overridesOf } from "../summaries/overrides.js";
import { makerOf } from "./mentions.js";

/** What one analysis of a file leaves to the next one. */
export interface Remembered {
  readonly units: Units;
  /** The project's other files that the analysis looked into. */
  readonly others: ReadonlyMap<string, Module>;
  /** Units that something was found in, or that were not run by themselves. */
  readonly unclean: ReadonlySet<BodyId>;
}

/** The functions of the module, and the methods: each with everything inside of it, named by its outermost body. */
export interface Units {
  /** The unit that a body is in. Undefined for the module itself. */
  of(body: BodyId): BodyId | undefined;
  /** Worked out when it is first asked for, which is never for a file that is analysed once. */
  reads(): Reads;
}

interface Reads {
  readonly units: ReadonlyMap<BodyId, Unit>;
  /** What every unit reads. */
  readonly surroundings: string;
}

interface Unit {
  /** What a run reads of the unit itself. */
  readonly own: string;
  /** Other units whose functions it calls or hands on. */
  readonly uses: ReadonlySet<BodyId>;
}

/** The units that a run would find nothing in. */
export function stillClean(now: Units, others: ReadonlyMap<string, Module>, before: Remembered): ReadonlySet<BodyId> {
  const reads = now.reads();
  const last = before.units.reads();
  if (reads.surroundings !== last.surroundings || !sameModules(others, before.others)) return new Set();
  const clean = new Map<string, boolean>();
  // Of two that read the same, both have to be clean.
  for (const [id, { own }] of last.units) clean.set(own, clean.get(own) !== false && !before.unclean.has(id));
  const users = new Map<BodyId, BodyId[]>();
  for (const [id, { uses }] of reads.units) for (const used of uses) users.set(used, [...(users.get(used) ?? []), id]);
  const changed = new Set([...reads.units].filter(([, { own }]) => !clean.has(own)).map(([id]) => id));
  // A set goes on to what is added while it is walked.
  for (const id of changed) for (const user of users.get(id) ?? []) changed.add(user);
  return new Set([...reads.units].filter(([id, { own }]) => !changed.has(id) && clean.get(own)).map(([id]) => id));
}

function sameModules(now: ReadonlyMap<string, Module>, before: ReadonlyMap<string, Module>): boolean {
  return now.size === before.size && [...now].every(([file, module]) => before.get(file) === module);
}

export function unitsOf(module: Module): Units {
  const outermost = outermostBodies(module);
  let reads: Reads | undefined;
  return {
    of: (body) => outermost[body],
    reads() {
      reads ??= { units: readsOfUnits(module, outermost), surroundings: surroundingsOf(module) };
      return reads;
    },
  };
}

function readsOfUnits(module: Module, outermost: readonly (BodyId | undefined)[]): ReadonlyMap<BodyId, Unit> {
  const declared = new Map<number, BodyId>();
  for (const { id, symbol } of module.bodies) if (symbol?.offset !== undefined) declared.set(symbol.offset, id);
  for (const { function: id, symbol } of module.locals) {
    if (id !== undefined && symbol?.offset !== undefined) declared.set(symbol.offset, id);
  }
  const bodies = grouped(module.bodies, ({ id }) => outermost[id]);
  const locals = grouped(module.locals, ({ body }) => outermost[body]);
  const finder: Finder = { module, outermost, declared };
  return new Map([...bodies].map(([id, members]) => [id, unitOf(finder, id, members, locals.get(id) ?? [])]));
}

function grouped<T>(list: readonly T[], by: (entry: T) => BodyId | undefined): ReadonlyMap<BodyId, readonly T[]> {
  const groups = new Map<BodyId, T[]>();
  for (const entry of list) {
    const key = by(entry);
    const group = key === undefined ? undefined : groups.get(key);
    if (group !== undefined) group.push(entry);
    else if (key !== undefined) groups.set(key, [entry]);
  }
  return groups;
}

/** The function of the module, or the method, that each body is or is in. Undefined for the module itself. */
function outermostBodies({ bodies }: Module): readonly (BodyId | undefined)[] {
  const outermost: (BodyId | undefined)[] = [];
  // Bodies come after those around them.
  for (const { id, parent } of bodies) if (parent !== undefined) outermost[id] = outermost[parent] ?? id;
  return outermost;
}

/** What the units of one module are found with. */
interface Finder {
  readonly module: Module;
  readonly outermost: readonly (BodyId | undefined)[];
  /** The module's own functions by where their names stand. */
  readonly declared: ReadonlyMap<number, BodyId>;
}

function unitOf(finder: Finder, id: BodyId, bodies: readonly Body[], locals: readonly Local[]): Unit {
  const { module, outermost, declared } = finder;
  const uses = new Set<BodyId>();
  const span = module.bodies[id]?.spans.whole ?? { start: 0, end: 0 };
  const use = (body: BodyId | undefined): void => {
    const unit = body === undefined ? undefined : outermost[body];
    if (unit !== undefined && unit !== id) uses.add(unit);
  };
  /** The file's own declarations move with every edit before them, so that only places inside the unit count. */
  const symbolText = (symbol: SymbolKey | undefined): string => {
    if (symbol === undefined) return "";
    const { package: from, file, name, offset } = symbol;
    if (file !== module.file) return `${from}:${file}:${name}:${offset}`;
    const called = offset === undefined ? undefined : declared.get(offset);
    if (called !== undefined) overridesOf(module, called).forEach(use);
    return offset !== undefined && offset >= span.start && offset < span.end ? `${name}:${offset - span.start}` : name;
  };
  const typeText = (type: TypeKey | undefined): string => (type === undefined ? "" : typeWith(type, symbolText));
  const parts = [module.text.slice(span.start, span.end)];
  for (const { symbol, type } of locals) parts.push(symbolText(symbol), typeText(type));
  const read = (operand: Operand): void => {
    if (operand.kind === "item") parts.push(symbolText(operand.symbol));
    if (operand.kind === "place") use(module.locals[operand.place.base]?.function);
  };
  const readStep = (step: Step): void => {
    readBy(step).forEach(read);
    if (step.kind !== "assign" || step.value.kind !== "call") return;
    const { symbol, type, callee } = step.value;
    // What a constant of the module calls is decided where it is made.
    const maker = callee.kind === "place" ? makerOf(module, callee.place.base) : undefined;
    parts.push(symbolText(symbol), typeText(type), symbolText(maker));
  };
  for (const { blocks } of bodies) {
    for (const block of blocks) {
      block.steps.forEach(readStep);
      readAtEnd(block).forEach(read);
    }
  }
  return { own: parts.join("\n"), uses };
}

function typeWith(type: TypeKey, symbolText: (symbol: SymbolKey) => string): string {
  const inner = (key: TypeKey): string => typeWith(key, symbolText);
  switch (type.kind) {
    case "named": {
      const bases = type.bases.map(symbolText).join();
      return `${symbolText(type.symbol)}<${type.args.map(inner).join()}>(${bases})${type.statics?.join() ?? ""}`;
    }
    case "array":
      return `${inner(type.element)}[]`;
    case "tuple":
      return `[${type.elements.map(inner).join()}]`;
    case "union":
      return `(${type.members.map(inner).join("|")})`;
    case "function":
      return `=>${type.returns === undefined ? "" : inner(type.returns)}`;
    case "primitive":
      return type.name;
    case "object":
    case "unknown":
      return type.kind;
  }
}

/** The module's variables: what they are, and how they begin. Functions and classes are units. */
function surroundingsOf(module: Module): string {
  const parts: string[] = [];
  const anySymbol = ({ package: from, file, name }: SymbolKey): string => `${from}:${file}:${name}`;
  for (const local of module.locals) {
    // Only the module's own.
    if (local.body !== 0 || local.kind === "temp") continue;
    const { kind, name, reassigned, exported, typeOnly, symbol, type, statement, function: known } = local;
    const isVariable =
      kind === "const" || kind === "let" || kind === "var" || kind === "using" || kind === "await-using";
    const text =
      isVariable && known === undefined && statement ? module.text.slice(statement.start, statement.end) : "";
    const facts = [
      kind,
      name,
      reassigned,
      exported,
      typeOnly,
      symbol && anySymbol(symbol),
      type && typeWith(type, anySymbol),
      text,
    ];
    parts.push(facts.join(":"));
  }
  return parts.join("\n");
}
