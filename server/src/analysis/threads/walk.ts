/** What a module's steps define and use, indexed once, so that a rule asks "who else touches this" in one look-up. */
import type { Span } from "../diagnostic.js";
import { operandsOf, readAtEnd } from "../flow/operands.js";
import type {
  Block,
  BlockId,
  Body,
  BodyId,
  Call,
  LocalId,
  Module,
  Operand,
  Place,
  Step,
  Terminator,
  Value,
} from "../mir/mir.js";

/** A step (or, past the last one, the terminator) of one body. */
export interface Point {
  readonly body: BodyId;
  readonly block: BlockId;
  readonly index: number;
}

/** A step that gives a whole local its value. */
export interface Definition {
  readonly at: Point;
  readonly step: Step & { readonly kind: "assign" };
}

/** One mention of a local, or of something reached from it. */
export interface Use {
  readonly at: Point;
  readonly place: Place;
  readonly access: "read" | "write" | "update" | "delete";
  readonly span: Span;
  /** Undefined where a terminator uses it. */
  readonly step: Step | undefined;
  readonly terminator: Terminator | undefined;
}

export interface CallSite {
  readonly at: Point;
  readonly call: Call;
  readonly step: Step & { readonly kind: "assign" };
}

export interface ModuleIndex {
  readonly definitions: ReadonlyMap<LocalId, readonly Definition[]>;
  readonly uses: ReadonlyMap<LocalId, readonly Use[]>;
  readonly calls: readonly CallSite[];
  /** The calls of each body, without those of functions nested in it. */
  readonly callsOf: ReadonlyMap<BodyId, readonly CallSite[]>;
  /** The calls of a local by its name. */
  readonly callsBy: ReadonlyMap<LocalId, readonly CallSite[]>;
  /** The call that a function expression is an argument of. */
  readonly handedTo: ReadonlyMap<BodyId, CallSite>;
  /** The functions directly inside of each. */
  readonly nested: ReadonlyMap<BodyId, readonly BodyId[]>;
}

const indexes = new WeakMap<Module, ModuleIndex>();

export function indexModule(module: Module): ModuleIndex {
  const known = indexes.get(module);
  if (known !== undefined) return known;
  const index = build(module);
  indexes.set(module, index);
  return index;
}

function build(module: Module): ModuleIndex {
  const definitions = new Map<LocalId, Definition[]>();
  const uses = new Map<LocalId, Use[]>();
  const calls: CallSite[] = [];
  const callsOf = new Map<BodyId, CallSite[]>();
  const callsBy = new Map<LocalId, CallSite[]>();
  const handedTo = new Map<BodyId, CallSite>();
  const nested = new Map<BodyId, BodyId[]>();
  for (const body of module.bodies) {
    if (body.parent !== undefined) append(nested, body.parent, body.id);
    for (const [block, { steps, end }] of body.blocks.entries()) {
      for (const [index, step] of steps.entries()) {
        const at: Point = { body: body.id, block, index };
        if (step.kind === "assign") {
          if (step.to.path.length === 0) append(definitions, step.to.base, { at, step });
          if (step.value.kind === "call") {
            const site = { at, call: step.value, step };
            calls.push(site);
            append(callsOf, body.id, site);
            const { callee, args } = step.value;
            if (callee.kind === "place" && callee.place.path.length === 0) append(callsBy, callee.place.base, site);
            for (const { value } of args) if (value.kind === "function") handedTo.set(value.body, site);
          }
        }
        mention(step, (place, access, span) =>
          append(uses, place.base, { at, place, access, span, step, terminator: undefined }),
        );
      }
      const at: Point = { body: body.id, block, index: steps.length };
      for (const operand of usedAtEnd({ end })) {
        noteRead(operand, (place, access, span) =>
          append(uses, place.base, { at, place, access, span, step: undefined, terminator: end }),
        );
      }
    }
  }
  return { definitions, uses, calls, callsOf, callsBy, handedTo, nested };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

type Note = (place: Place, access: Use["access"], span: Span) => void;

/** Calls `note` for each place the step mentions, what it reads before what it writes. */
function mention(step: Step, note: Note): void {
  switch (step.kind) {
    case "assign":
      for (const operand of operandsOnce(step.value)) noteRead(operand, note);
      noteIndexes(step.to, note);
      note(step.to, "write", step.span);
      return;
    case "update":
      if (step.value !== undefined) noteRead(step.value, note);
      noteIndexes(step.place, note);
      note(step.place, "update", step.span);
      return;
    case "delete":
      noteIndexes(step.place, note);
      note(step.place, "delete", step.span);
      return;
    case "discard":
      noteRead(step.operand, note);
      return;
    case "dispose":
    case "end-scope":
      return;
  }
}

function noteRead(operand: Operand, note: Note): void {
  if (operand.kind !== "place") return;
  noteIndexes(operand.place, note);
  note(operand.place, "read", operand.span);
}

/** The `i` of `list[i]`, which is read wherever the place is read or written. */
function noteIndexes({ path }: Place, note: Note): void {
  for (const step of path) if (step.kind === "index" && step.by !== undefined) noteRead(step.by, note);
}

/** The operands of a value, each once: of a method call the receiver, and not the callee that is read from it. */
export function operandsOnce(value: Value): readonly Operand[] {
  if (value.kind !== "call") return operandsOf(value);
  return [value.receiver ?? value.callee, ...value.args.map((argument) => argument.value)];
}

/** The operands that the end of a block uses, each once: of a branch the condition, and not the place it tests. */
export function usedAtEnd(block: Pick<Block, "end">): readonly Operand[] {
  return block.end.kind === "branch" ? [block.end.condition] : readAtEnd(block);
}

/** The body that a point, a start or a use of this module is in. */
export function bodyOf(module: Module, { body: id }: Pick<Point, "body">): Body {
  const body = module.bodies[id];
  if (body === undefined) throw new RangeError(`There is no body ${id} in ${module.file}`);
  return body;
}

/** The body, and every function nested in it. */
export function withNested(module: Module, root: BodyId): readonly Body[] {
  const { nested } = indexModule(module);
  const found: BodyId[] = [];
  const waiting = [root];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    found.push(id);
    waiting.push(...(nested.get(id) ?? []));
  }
  return found.sort((a, b) => a - b).flatMap((id) => module.bodies[id] ?? []);
}

/** The calls of the body and of every function nested in it. */
export function callsWithin(module: Module, root: BodyId): readonly CallSite[] {
  const { callsOf } = indexModule(module);
  return withNested(module, root).flatMap(({ id }) => callsOf.get(id) ?? []);
}

/** Whether `inner` is `outer` or a function nested in it. */
export function isWithin(module: Module, inner: BodyId, outer: BodyId): boolean {
  for (let id: BodyId | undefined = inner; id !== undefined; id = module.bodies[id]?.parent) {
    if (id === outer) return true;
  }
  return false;
}

/** Where the value of a local comes from, where that is one place only. */
export function onlyDefinition(module: Module, local: LocalId): Definition | undefined {
  const all = indexModule(module).definitions.get(local);
  return all?.length === 1 ? all[0] : undefined;
}

/** The function that an operand is, or names for good. */
export function functionNamed(module: Module, operand: Operand): Body | undefined {
  if (operand.kind === "function") return module.bodies[operand.body];
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const local = module.locals[operand.place.base];
  return local?.function === undefined || local.reassigned ? undefined : module.bodies[local.function];
}
