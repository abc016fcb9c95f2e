/** `not-sendable`: a value that cannot get to another thread is given to one, or given back by one. */
import type { Fix, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Argument, Body, BodyId, Call, Module, Operand } from "../../mir/mir.js";
import { type Dialect, libraryOf } from "../../models/dialect.js";
import type { Models, Role } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import type { Part, TypeKey } from "../../program/program.js";
import { handedOverByNewNode } from "../../threads/host-types.js";
import { hostTypeOfNamed, type Obstacle, ofType, type Sendability, withArticle } from "../../threads/sendability.js";
import { type CallSite, functionNamed, indexModule, onlyDefinition } from "../../threads/walk.js";
import { remoteOf } from "../../workers/remote.js";
import type { Report, Rule } from "../rule.js";
import { awaited, registered } from "./fixes.js";
import { lostMethods } from "./lost-methods.js";
import { listed, mayBeListed, type TransferList, transferListOf } from "./transfer-list.js";

export const notSendable: Rule = {
  name: "not-sendable",
  summary: "A value that cannot be sent to another thread is given to one, or given back by one",
  severity: "error",
  rust: "E0277",
  around: (facts) => indexModule(facts.module).calls.flatMap(({ call }) => filesOfInterfaces(facts, call)),
  check,
};

function check(facts: Facts): readonly Report[] {
  const given = indexModule(facts.module).calls.flatMap((site) => findingsOf(facts, site));
  return [...given, ...lostMethods(facts)];
}

function findingsOf(facts: Facts, { at, call }: CallSite): readonly Report[] {
  const role = roleOf(facts.module, facts.models, call);
  return call.args.flatMap((argument) => reportOf(facts, at.body, { call, argument, role }) ?? []);
}

/** What cannot be sent, and where it is in the value. */
export interface Culprit {
  readonly part: Part;
  readonly obstacle: Obstacle;
  readonly why: string;
}

/** An argument, of a call that means `role`. */
interface Given {
  readonly call: Call;
  readonly argument: Argument;
  readonly role: Role | undefined;
}

function reportOf(facts: Facts, body: BodyId, { call, argument, role }: Given): Report | undefined {
  const { module, models } = facts;
  switch (role?.kind) {
    case "move":
    case "send": {
      const culprit = firstCulprit(models, argument.parts ?? []);
      // What is copied as JSON loses more, and refuses less.
      if (role.kind === "send" && role.copies && culprit?.obstacle !== "function" && culprit?.obstacle !== "symbol")
        return undefined;
      return culprit && givenReport(facts, body, argument.value, culprit);
    }
    case "post":
    case "task":
    case "worker": {
      if (role.kind === "task" && role.clonedBy !== undefined && !isOneOf(module, call.receiver, role.clonedBy))
        return undefined;
      const culprit = refusedPart(facts, { role, call, argument });
      return culprit && givenReport(facts, body, argument.value, culprit, listFix(module, role, call, culprit));
    }
    case undefined: {
      const path = isRemote(facts, call) ? functionIn(module, argument.value, 2) : undefined;
      return path === undefined ? undefined : givenReport(facts, body, argument.value, functionAt(path));
    }
    case "spawn": {
      // The closure travels as text; what it returns has to come back.
      const results = (argument.parts ?? []).filter(({ path }) => path.startsWith("()"));
      const culprit = firstCulprit(models, results);
      const closure = argument.value.kind === "function" ? module.bodies[argument.value.body] : undefined;
      return culprit && closure && returnedReport(facts, closure, culprit);
    }
    default:
      return undefined;
  }
}

/** Whether an operand is an instance of one of these classes, by its own type. */
function isOneOf({ locals }: Module, operand: Operand | undefined, classes: readonly string[]): boolean {
  const type =
    operand?.kind === "place" && operand.place.path.length === 0 ? locals[operand.place.base]?.type : undefined;
  return type?.kind === "named" && classes.includes(type.symbol.name);
}

interface Sent extends Given {
  readonly role: Role;
}

/** What structured clone throws at, in a message or in the `workerData` of a new worker. What it changes is not said. */
function refusedPart(facts: Facts, sent: Sent): Culprit | undefined {
  return refusedParts(facts, sent).find(
    ({ part, obstacle }) => obstacle !== "method" || !mayBeOfClass(facts, ownerOf(part, sent.argument)),
  );
}

function refusedParts({ module, models }: Facts, { role, call, argument }: Sent): readonly Culprit[] {
  const prefix = role.kind === "worker" ? ".workerData" : "";
  const sent = role.kind === "worker" ? 1 : role.kind === "task" ? role.data : 0;
  if (call.args.indexOf(argument) !== sent) return [];
  const list = transferListOf(module, role, call);
  const parts = (argument.parts ?? []).filter(({ path }) => isAtOrIn(path, prefix));
  return culprits(models, parts, (part) => inMessage(models, part, list)).filter(({ obstacle }) =>
    thrownAt.has(obstacle),
  );
}

/** Whoever imports the file of an interface may have a class that implements it. */
function filesOfInterfaces(facts: Facts, call: Call): readonly string[] {
  const role = roleOf(facts.module, facts.models, call);
  if (role?.kind !== "post" && role?.kind !== "worker" && role?.kind !== "task") return [];
  return call.args.flatMap((argument) =>
    refusedParts(facts, { call, argument, role }).flatMap(({ part, obstacle }) => {
      const owner = obstacle === "method" ? ownerOf(part, argument) : undefined;
      return owner?.kind === "named" && owner.symbol.package === undefined ? [owner.symbol.file] : [];
    }),
  );
}

/** Some go along only if the message is told to hand them over. */
function inMessage(models: Models, part: Part, list: TransferList): Verdict | undefined {
  const host = part.type.kind === "named" ? hostTypeOfNamed(part.type) : undefined;
  const name = part.type.kind === "named" ? part.type.symbol.name.replace(/^.*\./, "") : "";
  const isHandedOver = (): boolean => mayBeListed(list, part);
  if (host === "bridged" || (host === "host" && handedOverByNewNode.has(name)))
    return isHandedOver() ? undefined : { obstacle: "host", why: withArticle(name) };
  if (host === "given" || host === "listed")
    return isHandedOver() ? undefined : { obstacle: "unlisted", why: `${withArticle(name)} that is not transferred` };
  const verdict = verdictOn(models, part);
  return verdict && part.method === "declared" ? { obstacle: "method", why: "a method" } : verdict;
}

function ownerOf({ path }: Part, { parts }: Argument): TypeKey | undefined {
  const outer = path.replace(/(?:\.[^.[]+|\[[^\]]*\])$/, "");
  return parts?.find((part) => part.path === outer)?.type;
}

/**
 * Whether an interface is that of a package, or one that a class of the project implements: an instance leaves its methods behind
 * without a word, and its fields may be all that is meant.
 */
function mayBeOfClass({ module, modules, neighbourhood }: Facts, type: TypeKey | undefined): boolean {
  if (type?.kind !== "named") return false;
  if (type.symbol.package !== undefined) return true;
  const name = type.symbol.name.replace(/^.*\./, "").replaceAll("$", "\\$");
  const implementing = new RegExp(`\\bimplements\\b[^{]*\\b${name}\\b`);
  const seen = [module, ...modules.values(), ...(neighbourhood()?.modules.values() ?? [])];
  return seen.some(({ text }) => implementing.test(text));
}

/** A method of what stands for an object in a worker, as comlink's `wrap` returns it. */
function isRemote({ module, models }: Facts, call: Call): boolean {
  // A handler of the program's own may know what to do with functions.
  return (
    remoteOf(module, models, call) !== undefined && !/\b(?:transferHandlers|registerSerializer)\b/.test(module.text)
  );
}

/** Where a function is in an operand: in an object that is written out, if it is none itself. */
function functionIn(module: Module, operand: Operand, depth: number): string | undefined {
  if (functionNamed(module, operand) !== undefined) return "";
  if (operand.kind !== "place" || operand.place.path.length > 0 || depth === 0) return undefined;
  const local = module.locals[operand.place.base];
  const value = local?.reassigned === false ? onlyDefinition(module, local.id)?.step.value : undefined;
  for (const field of value?.kind === "object" ? value.fields : []) {
    const inside = field.name === undefined || field.spread ? undefined : functionIn(module, field.value, depth - 1);
    if (inside !== undefined) return `.${field.name}${inside}`;
  }
  return undefined;
}

function functionAt(path: string): Culprit {
  const part: Part = { path, type: { kind: "function", returns: undefined }, instance: false };
  return { part, obstacle: "function", why: "a function" };
}

const thrownAt: ReadonlySet<Obstacle> = new Set([
  "function",
  "method",
  "symbol",
  "promise",
  "weak",
  "host",
  "unlisted",
]);

/** Whether a path leads to what `outer` leads to, or into it: `.a.b` into `.a`, and `.ab` not. */
function isAtOrIn(path: string, outer: string): boolean {
  return path.startsWith(outer) && (outer === "" || /^(?:$|[.[(])/.test(path.slice(outer.length)));
}

/** Why a part cannot be sent. */
type Verdict = Pick<Culprit, "obstacle" | "why">;

function firstCulprit(models: Models, parts: readonly Part[]): Culprit | undefined {
  return culprits(models, parts, (part) => verdictOn(models, part))[0];
}

/** Outer parts come first, so that of a value that cannot be sent no part is named. */
function culprits(
  models: Models,
  parts: readonly Part[],
  verdict: (part: Part) => Verdict | undefined,
): readonly Culprit[] {
  const found: Culprit[] = [];
  const known: string[] = [];
  for (const part of parts) {
    if (part.method === "inherited") continue;
    // What a library's own handles hold is the library's business.
    if (known.some((path) => isAtOrIn(part.path, path))) continue;
    if (part.type.kind === "named" && models.type(part.type.symbol) !== undefined) known.push(part.path);
    const why = verdict(part);
    if (why !== undefined) found.push({ part, ...why });
  }
  return found;
}

function verdictOn(models: Models, part: Part): Verdict | undefined {
  const verdict = judge(models, part);
  return verdict?.kind === "never" ? { obstacle: verdict.obstacle, why: verdict.why } : undefined;
}

/** What is in it are parts of their own, which have paths of their own. */
function judge(models: Models, { type, instance }: Part): Sendability | undefined {
  switch (type.kind) {
    case "array":
    case "tuple":
      return undefined;
    case "union": {
      const all = type.members.map((member) => judge(models, { path: "", type: member, instance: false }));
      return all.every((one) => one?.kind === "never") ? all[0] : undefined;
    }
    case "named": {
      const verdict = ofType(models, { ...type, args: [] });
      return verdict.kind === "copied" && instance && isForeign(models, type) ? instanceOf(type.symbol.name) : verdict;
    }
    default:
      return ofType(models, type);
  }
}

/** A class of a package that no model knows. */
function isForeign(models: Models, { symbol }: TypeKey & { readonly kind: "named" }): boolean {
  const { package: from } = symbol;
  return (
    from !== undefined &&
    from !== "typescript" &&
    from !== "@types/node" &&
    models.type(symbol) === undefined &&
    !models.packages.has(from)
  );
}

function instanceOf(name: string): Sendability {
  return {
    kind: "never",
    obstacle: "instance",
    why: `an instance of the class \`${name}\`, which would lose its methods`,
  };
}

/** Only a message has its list right behind it. */
function listFix(module: Module, role: Role, call: Call, { part, obstacle }: Culprit): readonly Fix[] {
  return role.kind === "post" && obstacle === "unlisted" ? listed(module, call, part) : [];
}

function givenReport(
  facts: Facts,
  body: BodyId,
  operand: Operand,
  culprit: Culprit,
  fixes: readonly Fix[] = [],
): Report {
  const { module } = facts;
  const { span } = operand;
  const { path } = culprit.part;
  const written = shownText(module, span);
  const subject = written === undefined && path === "" ? undefined : `\`${shownPath(`${written ?? ""}${path}`)}\``;
  return {
    message: `${subject ?? "a value"} cannot be sent to another thread: it is ${culprit.why}`,
    label: path === "" ? `this is ${culprit.why}` : `its \`${shownPath(path)}\` is ${culprit.why}`,
    location: { file: module.file, ...span },
    related: [],
    notes: [noteOn(culprit.obstacle)],
    help: [helpOn(culprit.obstacle, libraryOf(facts).dialect)],
    fixes: [...fixes, ...awaited(module, body, span, culprit), ...registered(facts, culprit)],
    tags: [],
  };
}

function returnedReport(facts: Facts, closure: Body, culprit: Culprit): Report {
  const { module } = facts;
  const { dialect } = libraryOf(facts);
  const path = culprit.part.path.slice("()".length);
  const whole = path === "" ? "what this thread returns" : `\`${shownPath(path)}\` of what this thread returns`;
  return {
    message: `${whole} cannot be sent back: it is ${culprit.why}`,
    label: path === "" ? `returns ${culprit.why}` : `returns an object whose \`${shownPath(path)}\` is ${culprit.why}`,
    location: { file: module.file, ...returnedSpan(closure) },
    related: [],
    notes: [noteOn(culprit.obstacle), dialect.unsendableResult],
    help: [helpOn(culprit.obstacle, libraryOf(facts).dialect)],
    fixes: registered(facts, culprit),
    tags: [],
  };
}

/** The first value that the function returns. */
function returnedSpan({ blocks, spans }: Body): Span {
  if (spans.expressionBody) return spans.body;
  for (const { end } of blocks) if (end.kind === "return" && end.operand !== undefined) return end.operand.span;
  return spans.whole;
}

function shownText(module: Module, { start, end }: Span): string | undefined {
  const text = module.text.slice(start, end);
  return /^[\p{ID_Start}$_][\p{ID_Continue}$.]*$/u.test(text) && text.length <= 40 ? text : undefined;
}

function shownPath(path: string): string {
  return path.startsWith(".") ? path.slice(1) : path;
}

function noteOn(obstacle: Obstacle): string {
  switch (obstacle) {
    case "function":
      return "a thread has a heap of its own, and structured clone copies data into it, never code";
    case "method":
      return "an object has its methods itself, and structured clone throws at them, or its class has them, and they are left out: either way the other thread has none";
    case "unlisted":
      return "structured clone throws at it: it cannot be copied, only handed over, after which this thread has it no more";
    case "symbol":
      return "a symbol is equal only to itself, and a copy in another thread would be another symbol";
    case "promise":
      return "a promise is settled by the thread that made it, and only there";
    case "weak":
      return "a weak collection knows its objects by their identity, which does not leave the thread";
    case "owned":
      return "it stands for something that only its own thread may do";
    case "host":
    case "platform":
      return "it is tied to something outside of JavaScript that belongs to the thread that made it";
    case "instance":
      return "structured clone copies an object's own fields and leaves out its class, so that its methods would be gone";
  }
}

function helpOn(obstacle: Obstacle, dialect: Dialect): string {
  switch (obstacle) {
    case "unlisted":
      return "Name it in the transfer list";
    case "function":
    case "method":
      return "Send the data that it works on, and write or import the function inside the thread";
    case "symbol":
      return "Send a string, and look the symbol up with `Symbol.for` inside the thread";
    case "promise":
      return "Await it first, and send what it gives";
    case "weak":
    case "host":
    case "platform":
      return "Make it inside the thread, and send the data that it is made from";
    case "owned":
      return "Keep it in this thread, and send what the other thread needs of it";
    case "instance":
      return dialect.instances;
  }
}
