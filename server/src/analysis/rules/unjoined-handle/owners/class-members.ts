/** What a class of a file has: its methods, what is in its fields, and what it extends. */
import type { Span } from "../../../diagnostic.js";
import type { Body, LocalId, Module } from "../../../mir/mir.js";

export interface Members {
  /** Those that objects have, without those that are overridden. */
  readonly members: readonly Body[];
  /** The constructors, that of the class first. */
  readonly constructors: readonly Body[];
}

/** Undefined where the class extends what is not known. */
export function membersOf(module: Module, made: Body, depth = 0): Members | undefined {
  const { text, bodies } = module;
  const span = classSpan(module, made);
  if (span === undefined || depth > maxBases) return undefined;
  const { start, end } = span;
  const head = headOf(text.slice(start, end));
  const base = /\bextends\b/.test(head) ? baseIn(module, head) : undefined;
  const inherited = base === undefined ? undefined : membersOf(module, base, depth + 1);
  if (head === "" || (/\bextends\b/.test(head) && inherited === undefined)) return undefined;
  const inside = bodies.filter(
    ({ id, parent, spans }) =>
      id !== made.id && parent === made.parent && start <= spans.whole.start && spans.whole.end <= end,
  );
  const own = inside.filter(({ kind }) => kind !== "arrow" && kind !== "function" && kind !== "static-block");
  const members = own
    .filter(({ spans: { whole } }) => !isStatic(text.slice(whole.start, whole.end)))
    .map((body) => functionInField(module, body) ?? body);
  const names = new Set(members.flatMap((body) => (isNamed(body) ? [body.name] : [])));
  const rest = inherited?.members.filter((body) => !isNamed(body) || !names.has(body.name)) ?? [];
  return { members: [...members, ...rest], constructors: [made, ...(inherited?.constructors ?? [])] };
}

/** The whole class of a constructor. */
export function classSpan(module: Module, { id }: Body): Span | undefined {
  const known = functionSpans.get(module) ?? findFunctionSpans(module);
  functionSpans.set(module, known);
  return known.get(id);
}

/** Where each function stands as a value. A file of many classes asks for all of theirs again and again. */
const functionSpans = new WeakMap<Module, ReadonlyMap<Body["id"], Span>>();

function findFunctionSpans({ bodies }: Module): ReadonlyMap<Body["id"], Span> {
  const found = new Map<Body["id"], Span>();
  for (const { blocks } of bodies) {
    for (const step of blocks.flatMap(({ steps }) => steps)) {
      const operand = step.kind === "assign" && step.value.kind === "use" ? step.value.operand : undefined;
      if (operand?.kind === "function" && !found.has(operand.body)) found.set(operand.body, operand.span);
    }
  }
  return found;
}

const maxBases = 4;

/** The constructor of the class of the file that another one extends. */
function baseIn({ locals, bodies }: Module, head: string): Body | undefined {
  const name = /\bextends\s+([\w$]+)\s*(?:implements\b[^{]*)?$/.exec(head)?.[1];
  const [base, ...others] = locals.filter((local) => local.kind === "class" && local.name === name);
  return base?.function === undefined || base.reassigned || others.length > 0 ? undefined : bodies[base.function];
}

/** What stands before the members of a class, but for its decorators and its type parameters. */
function headOf(text: string): string {
  let head = /\bclass\b[^{]*/.exec(text)?.[0] ?? "";
  for (let before = ""; before !== head; ) {
    before = head;
    head = head.replace(/<[^<>]*>/g, " ");
  }
  return head;
}

function isStatic(text: string): boolean {
  return /^(?:@[\w.]+(?:\([^)]*\))?\s*)*(?:(?:public|private|protected|readonly|override|async)\s+)*static\b/.test(
    text,
  );
}

/** `stop = async () => {…}`: a field that is a method but for the word. */
function functionInField({ bodies }: Module, { kind, name, blocks }: Body): Body | undefined {
  if (kind !== "initializer" || name === undefined) return undefined;
  const [step, ...others] = blocks.flatMap(({ steps }) => steps);
  if (step?.kind !== "assign" || step.value.kind !== "use" || others.length > 0) return undefined;
  const { operand } = step.value;
  const body = operand.kind === "function" ? bodies[operand.body] : undefined;
  return body?.kind === "arrow" || body?.kind === "function" ? body : undefined;
}

/** A method, getter or setter, and a function in a field. */
export function isNamed({ kind, name }: Body): boolean {
  return name !== undefined && kind !== "initializer" && kind !== "constructor";
}

/** A method, which may have a computed name, or a function in a field. */
export function isMethod({ kind }: Body): boolean {
  return kind === "method" || kind === "arrow" || kind === "function";
}

/** What declares a member: of a function in a field, the field. */
export function declarationOf({ bodies }: Module, member: Body): Body {
  const { kind, parent } = member;
  const around = (kind === "arrow" || kind === "function") && parent !== undefined ? bodies[parent] : undefined;
  return around?.kind === "initializer" ? around : member;
}

export function isPublic(module: Module, member: Body): boolean {
  const { whole } = declarationOf(module, member).spans;
  const text = module.text.slice(whole.start, whole.end);
  return !member.name?.startsWith("#") && !/^[^({=]*\b(?:private|protected)\b/.test(text);
}

/** The object, as a member calls it: an arrow function in a field has it from there. */
export function thisOf({ bodies, locals }: Module, { id, kind, parent }: Body): LocalId | undefined {
  const around = kind === "arrow" && parent !== undefined ? bodies[parent] : undefined;
  const binds = around?.kind === "initializer" ? around.id : id;
  return locals.find((local) => local.kind === "this" && local.body === binds)?.id;
}
