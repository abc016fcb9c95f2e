/** The messages between the code that starts a worker and the worker's file: who posts them, and who gets them. */
import type { Label } from "../diagnostic.js";
import type { Facts } from "../facts.js";
import { textOf } from "../fix.js";
import type { Body, Call, LocalId, Module, Operand } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { type CallSite, functionNamed, indexModule, onlyDefinition } from "../threads/walk.js";
import { type HeardWorker, heardWorker, isPrivate } from "./hearing.js";
import { workerModule } from "./started.js";

/** A function that is called for each message. */
export interface Listener {
  readonly module: Module;
  readonly body: Body;
  /** What the message, or the event that holds it, arrives in. */
  readonly param: LocalId | undefined;
  /** `data`: the message is in that field of an event. */
  readonly wrapped: "data" | undefined;
}

/** A message on its way. */
export interface Post {
  readonly module: Module;
  readonly call: Call;
  readonly message: Operand;
}

export interface Conversation {
  readonly worker: Module;
  readonly heard: HeardWorker;
  readonly toWorker: readonly Post[];
  readonly fromWorker: readonly Post[];
  /** Undefined where somebody else may listen, too. */
  readonly inWorker: readonly Listener[] | undefined;
  readonly inStarter: readonly Listener[] | undefined;
}

/** What is said to a worker and by it. Undefined where its file is not known, or code that is not seen has the worker. */
export function conversation(facts: Facts, site: CallSite): Conversation | undefined {
  const { module, models, modules } = facts;
  const role = roleOf(module, models, site.call);
  const worker = role?.kind === "worker" ? workerModule(modules, module, site.call) : undefined;
  const heard = worker === undefined ? undefined : heardWorker(facts, site.step);
  // A file that is its own worker says both sides' lines.
  if (role?.kind !== "worker" || worker === undefined || heard === undefined || worker === module) return undefined;
  const toWorker = heard.uses.flatMap((use) =>
    use.kind === "posts" && use.step.kind === "assign" && use.step.value.kind === "call"
      ? postOf(module, models, use.step.value)
      : [],
  );
  return {
    worker,
    heard,
    toWorker,
    fromWorker: postsToStarter(worker, models),
    inWorker: listenersIn(worker),
    inStarter: listenersTo(module, heard, role.host),
  };
}

function postOf(module: Module, models: Models, call: Call): readonly Post[] {
  const [message] = call.args;
  // A call that nothing is known of is one by its name.
  if (call.symbol !== undefined && roleOf(module, models, call)?.kind !== "post" && !isOwnPost(call)) return [];
  return message === undefined || message.spread ? [] : [{ module, call, message: message.value }];
}

/** Where a worker's file posts to whoever started it. */
export function postsToStarter(worker: Module, models: Models): readonly Post[] {
  return indexModule(worker).calls.flatMap(({ call }) => {
    const isParent = /^parentPort\s*[?!]?\s*\.\s*postMessage$/.test(textOf(worker, call.spans.callee));
    return isParent || isOwnPost(call) ? postOf(worker, models, call) : [];
  });
}

/** `postMessage(…)` in the file of a web worker. */
function isOwnPost({ callee }: Call): boolean {
  return (
    callee.kind === "item" && callee.local === undefined && /^(?:self\.|globalThis\.)?postMessage$/.test(callee.name)
  );
}

/** What may listen in a worker's file without being seen. */
const unseenListeners =
  /\b(?:receiveMessageOnPort|comlink|expose|importScripts|eventemitter)\b|\bon\s*\(\s*parentPort\b/i;
/** A mention of the port that is neither posting nor listening. */
const otherUses =
  /\bparentPort\b(?!\s*[?!]?\s*\.\s*(?:on|once|addListener|addEventListener|postMessage|ref|unref|close)\b)/g;
const handedOn = /[(,=:[]\s*(?:parentPort|self|globalThis)\s*[!]?\s*[),;\]}]/;

function listenersIn(worker: Module): readonly Listener[] | undefined {
  const { text, imports } = worker;
  if (unseenListeners.test(text) || handedOn.test(text)) return undefined;
  if (
    imports.some(({ names, typeOnly, specifier }) => !typeOnly && names.length === 0 && !specifier.startsWith("node:"))
  )
    return undefined;
  const outside = [...text.matchAll(otherUses)].filter(({ index }) => !isImported(worker, index));
  if (outside.length > 0) return undefined;
  const found: (Listener | undefined)[] = [];
  for (const { call } of indexModule(worker).calls) {
    const [event, handler] = call.args;
    if (!/^(?:on|once|addListener|addEventListener)$/.test(call.method ?? "") || event === undefined) continue;
    const callee = textOf(worker, call.spans.callee);
    if (!/^(?:(?:parentPort|self|globalThis)\s*[?!]?\s*\.\s*\w+|addEventListener)$/.test(callee)) continue;
    if (event.value.kind !== "constant") return undefined;
    if (event.value.value !== "message") continue;
    const wrapped = call.method === "addEventListener" ? "data" : undefined;
    found.push(handler && listener(worker, handler.value, wrapped));
  }
  const assigned = [...text.matchAll(/\bonmessage\s*=(?!=)/g)].length;
  const handlers = worker.bodies.filter(({ name, kind }) => name === "onmessage" && kind !== "method");
  if (assigned !== handlers.length) return undefined;
  for (const body of handlers) found.push(ofBody(worker, body, "data"));
  return found.every((one) => one !== undefined) ? found : undefined;
}

function isImported({ imports, text }: Module, index: number): boolean {
  if (imports.some(({ span }) => index >= span.start && index < span.end)) return true;
  // `const { parentPort } = require("worker_threads")`, and a check that it is there.
  const line = text.slice(text.lastIndexOf("\n", index) + 1, text.indexOf("\n", index) >>> 0);
  return (
    /\brequire\s*\(/.test(line) || /^\s*if\s*\(!?\s*parentPort(?:\s*[!=]==?\s*(?:null|undefined))?\s*\)/.test(line)
  );
}

function listenersTo(module: Module, heard: HeardWorker, host: "node" | "web"): readonly Listener[] | undefined {
  const found = heard.uses.flatMap((use) =>
    use.kind === "listens" && use.event === "message"
      ? [listener(module, use.handler, host === "web" || isEvent(use.step) ? "data" : undefined)]
      : [],
  );
  return found.every((one) => one !== undefined) ? found : undefined;
}

/** What is written to `onmessage`, or added with `addEventListener`, is given an event. */
function isEvent(step: { readonly kind: string; readonly value?: unknown }): boolean {
  const value = step.value as { readonly kind?: string; readonly method?: string } | undefined;
  return value?.kind !== "call" || value.method === "addEventListener";
}

function listener(module: Module, handler: Operand, wrapped: Listener["wrapped"]): Listener | undefined {
  const body = handlerBody(module, handler);
  return body && ofBody(module, body, wrapped);
}

function ofBody(
  module: Module,
  body: Body,
  wrapped: Listener["wrapped"],
  position = 0,
  depth = maxDelegations,
): Listener | undefined {
  const param = body.params[position];
  // What is called with all arguments, or looks them up, is not followed.
  if (param?.rest === true || /\barguments\b/.test(textOf(module, body.spans.whole))) return undefined;
  const found: Listener = { module, body, param: param?.arrives, wrapped };
  const given = depth === 0 ? undefined : delegateOf(found);
  return given === undefined ? found : (ofBody(module, given.body, given.wrapped, given.position, depth - 1) ?? found);
}

/** A listener may hand the message on so often. */
const maxDelegations = 3;

interface Delegate {
  readonly body: Body;
  readonly position: number;
  readonly wrapped: Listener["wrapped"];
}

/** `(message) => this.#handle(message)`: a function that does nothing but hand the message to another one. */
function delegateOf(from: Listener): Delegate | undefined {
  const { module, body, param, wrapped } = from;
  const steps = body.blocks
    .flatMap(({ steps: all }) => all)
    .filter(({ kind }) => kind !== "discard" && kind !== "end-scope");
  const [step, ...others] = steps;
  if (step?.kind !== "assign" || step.value.kind !== "call") return undefined;
  const isWaiting = others.every((each) => each.kind === "assign" && each.value.kind === "await");
  if (!isWaiting || body.blocks.some(({ end }) => end.kind === "branch" || end.kind === "throw")) return undefined;
  const { callee, receiver, args } = step.value;
  const target =
    receiver === undefined ? functionNamed(module, callee) : ownFunction(module, receiver, step.value.method);
  const position = args.findIndex(({ value, spread }) => {
    const isParam = value.kind === "place" && value.place.base === param && value.place.path.length === 0;
    return !spread && (isParam || pathInMessage(from, value) === "");
  });
  if (target === undefined || position < 0) return undefined;
  const given = args[position]?.value;
  return { body: target, position, wrapped: given && pathInMessage(from, given) === "" ? undefined : wrapped };
}

/** A function that is given as a handler: written there, by its name, or out of a field of `this`. */
function handlerBody(module: Module, handler: Operand): Body | undefined {
  const named = functionNamed(module, handler);
  if (named !== undefined || handler.kind !== "place") return named;
  const { base, path } = handler.place;
  const [field, ...deeper] = path;
  if (field?.kind === "field" && deeper.length === 0)
    return module.locals[base]?.kind === "this" ? fieldFunction(module, field.name) : undefined;
  const made = path.length === 0 ? onlyDefinition(module, base)?.step.value : undefined;
  const isBound = made?.kind === "call" && made.method === "bind" && made.args.length === 1;
  return isBound && made.receiver !== undefined ? handlerBody(module, made.receiver) : undefined;
}

function ownFunction(module: Module, receiver: Operand, method: string | undefined): Body | undefined {
  const isThis =
    receiver.kind === "place" &&
    receiver.place.path.length === 0 &&
    module.locals[receiver.place.base]?.kind === "this";
  return isThis && method !== undefined ? fieldFunction(module, method) : undefined;
}

/** The one function that is ever in a field: a method that no other class can replace, or what is assigned once. */
function fieldFunction(module: Module, name: string): Body | undefined {
  const methods = module.bodies.filter((body) => body.kind === "method" && body.name === name);
  const assigned = module.bodies.flatMap(({ blocks }) =>
    blocks.flatMap(({ steps }) =>
      steps.flatMap((step) => {
        const last = step.kind === "assign" ? step.to.path.at(-1) : undefined;
        return step.kind === "assign" && last?.kind === "field" && last.name === name ? [step.value] : [];
      }),
    ),
  );
  const [method, ...otherMethods] = methods;
  const [value, ...otherValues] = assigned;
  if (method !== undefined)
    return otherMethods.length === 0 && value === undefined && isPrivate(module, name) ? method : undefined;
  if (value?.kind !== "use" || otherValues.length > 0) return undefined;
  return functionNamed(module, value.operand);
}

export function labelOf({ module: { file }, body }: Listener, message: string): Label {
  const { params, whole } = body.spans;
  return { file, ...(params ?? whole), message };
}

/** A value may go through this many names. */
const maxNames = 6;

/** What an operand of a listener is of the message: `""` for all of it, `".job.point"`. Undefined where it is none of it. */
export function pathInMessage(listener: Listener, operand: Operand, depth = maxNames): string | undefined {
  if (operand.kind !== "place" || depth === 0) return undefined;
  const { module, param, wrapped } = listener;
  const { base, path } = operand.place;
  const names = path.map((step) => (step.kind === "field" ? step.name : undefined));
  if (names.includes(undefined)) return undefined;
  if (base !== param) {
    const from = module.locals[base]?.reassigned === false ? onlyDefinition(module, base)?.step.value : undefined;
    if (from?.kind !== "use") return undefined;
    const before = pathInMessage(listener, from.operand, depth - 1);
    return before === undefined ? undefined : before + names.map((name) => `.${name}`).join("");
  }
  if (wrapped !== undefined && names[0] !== wrapped) return undefined;
  return names
    .slice(wrapped === undefined ? 0 : 1)
    .map((name) => `.${name}`)
    .join("");
}
