/** Objects that own a thread, which one function makes, keeps to itself and never closes. */

import type { Span } from "../../../diagnostic.js";
import type { Facts } from "../../../facts.js";
import { successors } from "../../../flow/graph.js";
import type { BlockId, Body, Call, Local, Module, Step } from "../../../mir/mir.js";
import { libraryOf } from "../../../models/dialect.js";
import { roleOf } from "../../../models/roles.js";
import { atEndOf, fallsOffEnd, mayAwait } from "../../../places.js";
import { sceneOf } from "../../../threads/scene.js";
import { bodyOf, type CallSite, indexModule, type Point, type Use } from "../../../threads/walk.js";
import type { Report } from "../../rule.js";
import { bindWithUsing } from "../bind-with-using.js";
import { isMethod, isPublic } from "./class-members.js";
import { type Making, makingAt } from "./factories.js";
import { doingWith } from "./object-uses.js";
import type { OwningClass } from "./owning-class.js";

export function ownersNobodyCloses(facts: Facts): readonly Report[] {
  const scene = sceneOf(facts);
  return indexModule(facts.module).calls.flatMap((site) => {
    const making = mayMake(facts, site) ? makingAt(scene, site) : undefined;
    const local = making === undefined ? undefined : ownVariable(facts, making.site);
    if (making === undefined || local === undefined) return [];
    const started = startOf(facts, making, local);
    const closing = started === undefined ? undefined : closingMethod(making.of);
    return started === undefined || closing === undefined
      ? []
      : [findingFor(facts, making.site, { local, of: making.of, closing, ...started })];
  });
}

/** Whether it is worth while to look at what is called: at the top of a file, objects live as long as the program. */
function mayMake({ module }: Facts, { call, step, at }: CallSite): boolean {
  const local = module.locals[step.to.base];
  return at.body !== 0 && call.symbol !== undefined && call.symbol.package === undefined && local?.exported === false;
}

/** The variable of a function, or of one around it, that gets the object and never another one. */
function ownVariable(facts: Facts, { step, at }: CallSite): Local | undefined {
  const { module } = facts;
  if (step.to.path.length > 0) return undefined;
  const local = module.locals[step.to.base];
  if (local === undefined || local.body === 0 || local.exported || local.name?.startsWith("_")) return undefined;
  if (local.kind !== "const" && local.kind !== "let" && local.kind !== "var" && local.kind !== "temp") return undefined;
  if (isShared(facts, local, at)) return undefined;
  const definitions = indexModule(module).definitions.get(local.id) ?? [];
  const others = definitions.filter(
    ({ step: { value } }) => !(value.kind === "use" && value.operand.kind === "constant"),
  );
  return others.length === 1 ? local : undefined;
}

/** Functions that run later have it for as long as they are there themselves: only of a test it is known when that is over. */
function isShared({ module, models }: Facts, local: Local, at: Point): boolean {
  const { uses, handedTo } = indexModule(module);
  const taker = handedTo.get(at.body)?.call;
  if (taker?.receiver === undefined && /^(?:before|beforeEach|beforeAll|setup|it|test)$/.test(taker?.method ?? ""))
    return false;
  return (uses.get(local.id) ?? []).some((use) => {
    const call = use.at.body === at.body ? undefined : handedTo.get(use.at.body)?.call;
    return use.at.body !== at.body && (call === undefined || roleOf(module, models, call)?.kind !== "each");
  });
}

interface Started {
  readonly field: string;
  readonly at: Call;
  /** Where it is left before it is closed. Undefined where it never is. */
  readonly exit: Span | undefined;
}

/** The call that starts a thread, where the function is left then on a way on which nothing may have to do with its end. */
function startOf(facts: Facts, { site: made, of, started: field }: Making, local: Local): Started | undefined {
  const { module } = facts;
  let started: Starting | undefined =
    field === undefined ? undefined : { field, call: made.call, at: made.at, step: made.step };
  const closed: Use[] = [];
  for (const use of indexModule(module).uses.get(local.id) ?? []) {
    if (use.access === "write" && use.place.path.length === 0) continue;
    const does = doingWith(of, module, use);
    if (does === undefined) return undefined;
    if (does.mayEnd) closed.push(use);
    if (does.starts === undefined || use.at.body !== made.at.body || use.step?.kind !== "assign") continue;
    if (use.step.value.kind === "call")
      started ??= { field: does.starts, call: use.step.value, at: use.at, step: use.step };
  }
  if (started === undefined) return undefined;
  const { call } = started;
  if (closed.length > 0) {
    const exit = exitBefore(facts, made, local, started, closed);
    return exit === undefined ? undefined : { field: started.field, at: call, exit };
  }
  return exitsBehind(facts, started.at, new Set()).length > 0
    ? { field: started.field, at: call, exit: undefined }
    : undefined;
}

interface Starting {
  readonly field: string;
  readonly call: Call;
  readonly at: Point;
  readonly step: Step;
}

/**
 * A `return` between the start of the thread and where the object is closed. Both have to be done whatever happens, since a
 * condition of one may be that of the other.
 */
function exitBefore(
  facts: Facts,
  made: CallSite,
  local: Local,
  { at, step, call }: Starting,
  closed: readonly Use[],
): Span | undefined {
  const { module } = facts;
  if (local.body !== made.at.body || closed.some((use) => use.at.body !== made.at.body)) return undefined;
  const isAlwaysStarted = step === made.step || exitsBehind(facts, made.at, new Set([step])).length === 0;
  if (!isAlwaysStarted) return undefined;
  const from = call.spans.whole.end;
  const around = module.scopes[local.scope]?.span;
  const exits = exitsBehind(facts, at, new Set(closed.map((use) => use.step)));
  const isBefore = ({ start, end }: Span): boolean =>
    around !== undefined && around.start <= start && end <= around.end && closed.every((use) => end <= use.span.start);
  const [exit] = exits;
  if (exit === undefined || !exits.every(isBefore)) return undefined;
  // What the object says may be why it is left.
  const isAsked = (indexModule(module).uses.get(local.id) ?? []).some(
    ({ span, step: one }) => one?.kind !== "end-scope" && from <= span.start && span.start < exit.end,
  );
  return isAsked ? undefined : exit;
}

/** The `return`s that a function can come to behind a point without taking one of these steps; where it ends without one, its end. */
function exitsBehind({ module, models }: Facts, from: Point, stops: ReadonlySet<Step | undefined>): readonly Span[] {
  const body = bodyOf(module, from);
  const exits: Span[] = [];
  const met = new Set<BlockId>();
  const isEnd = (step: Step): boolean =>
    stops.has(step) ||
    (step.kind === "assign" && step.value.kind === "call" && roleOf(module, models, step.value)?.kind === "exit");
  const waiting = [{ id: from.block, first: from.index + 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const block = body.blocks[next.id];
    if (block === undefined || block.steps.slice(next.first).some(isEnd)) continue;
    const { end } = block;
    if (end.kind === "return")
      exits.push(end.implicit ? { start: body.spans.whole.end, end: body.spans.whole.end } : end.span);
    for (const after of successors(block)) {
      if (after === block.unwind || met.has(after)) continue;
      met.add(after);
      waiting.push({ id: after, first: 0 });
    }
  }
  return exits;
}

export const usual = /^(?:close|stop|shutdown|dispose|end|destroy|terminate|join)/i;

/** The method that is there to join what is in a field. */
export function closingMethod(of: OwningClass): Body | undefined {
  const closing = of.members.filter((body) => {
    const does = isMethod(body) && isPublic(of.module, body) ? of.does(body) : undefined;
    return does?.mayEnd && does.joins && does.starts === undefined;
  });
  return closing.find(({ name }) => usual.test(name ?? "")) ?? closing[0];
}

interface Finding extends Started {
  readonly local: Local;
  readonly of: OwningClass;
  readonly closing: Body;
}

function findingFor(facts: Facts, { call, step }: CallSite, found: Finding): Report {
  const { file } = facts;
  const { local, of, closing, field, at, exit } = found;
  const put = of.owned.get(field)?.[0] ?? of.inner.get(field)?.site;
  const name =
    local.name === undefined
      ? call.form === "new"
        ? `this \`${call.method ?? "object"}\``
        : "what this gives"
      : `\`${local.name}\``;
  const close = `${closing.async ? "await " : ""}${local.name ?? "it"}${accessOf(of.module, closing)}()`;
  const keyword = disposerOf(of);
  return {
    message: exit
      ? `${name} is not closed on every path: nothing joins the thread in its \`${field}\``
      : `${name} is never closed: nothing joins the thread in its \`${field}\``,
    location: { file, ...call.spans.whole },
    label: "what owns the thread is made here",
    related: [
      ...(at === call ? [] : [{ file, ...at.spans.whole, message: "this starts the thread" }]),
      ...(put === undefined
        ? []
        : [{ file: of.module.file, ...put.call.spans.whole, message: `this is what its \`${field}\` gets` }]),
      ...(exit === undefined ? [] : [{ file, ...exit, message: "leaves here without closing" }]),
    ],
    notes: put === undefined ? [] : [libraryOf({ ...facts, module: of.module }, put.call).dialect.dropped],
    help: [`\`${close}\` once it is used no more${keyword === undefined ? "" : `, or bind it with \`${keyword}\``}`],
    fixes: keyword === undefined ? closeAtEnd(facts, found, `${close};`) : bindWithUsing(facts, step, local, keyword),
    tags: [],
  };
}

/** `.close`, or `[Symbol.asyncDispose]`, which has no name. */
export function accessOf({ text }: Module, { name, spans: { whole } }: Body): string {
  return name === undefined ? (/\[Symbol\.\w+\]/.exec(text.slice(whole.start, whole.end))?.[0] ?? "") : `.${name}`;
}

/** What binds an object of the class so that it is closed however the scope is left. */
function disposerOf({ module, members }: OwningClass): "using" | "await using" | undefined {
  const names = members.map((body) => accessOf(module, body));
  if (names.includes("[Symbol.asyncDispose]")) return "await using";
  return names.includes("[Symbol.dispose]") ? "using" : undefined;
}

/** Offered where it can be told that control gets there and nothing is left to be done. */
function closeAtEnd({ module }: Facts, { local, closing, exit }: Finding, close: string): Report["fixes"] {
  const hasInput = closing.params.some(({ optional, rest }) => !optional && !rest);
  const mayStand = !closing.async || mayAwait(module, local.body);
  if (exit !== undefined || local.kind === "temp" || hasInput || !mayStand || !fallsOffEnd(module, local.scope))
    return [];
  return [{ title: `Add \`${close}\` at the end`, preferred: false, edits: atEndOf(module, local.scope, close) }];
}
