/** Which functions of a file certainly run on the main thread, and from where. */
import type { Body, BodyId, Call, LocalId, Module, Operand } from "../../mir/mir.js";
import { roleOf, type Scene, threadStarts } from "../../threads/starts.js";
import { type CallSite, indexModule } from "../../threads/walk.js";

/** How a function comes to run on the main thread. */
export interface OnMain {
  /** `top`: the module's own code. `called`: from such a function. `handler`: when something happens. */
  readonly how: "top" | "called" | "handler";
  /** The calls of it that are on the main thread. */
  readonly callers: readonly CallSite[];
}

/** Empty where the file may be a worker's, or the module of a library that nobody knows who imports. */
export function mainBodies(scene: Scene): ReadonlyMap<BodyId, OnMain> {
  const { module } = scene;
  const found = new Map<BodyId, { how: OnMain["how"]; callers: CallSite[] }>();
  if (mayBeWorker(module) || isTest(module)) return found;
  const inThreads = namesInThreads(scene);
  found.set(0, { how: "top", callers: [] });
  const waiting: BodyId[] = [0];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const site of indexModule(module).callsOf.get(id) ?? []) {
      for (const { operand, how } of runBy(scene, site.call)) {
        const isCallee = operand === site.call.callee;
        const callee = functionOf(module, operand, inThreads) ?? (isCallee ? methodOf(scene, site.call) : undefined);
        if (callee === undefined) continue;
        const known = found.get(callee.id);
        if (how === "called") known?.callers.push(site);
        if (known !== undefined) continue;
        found.set(callee.id, { how, callers: how === "called" ? [site] : [] });
        waiting.push(callee.id);
      }
    }
    for (const handler of assignedHandlers(module, id)) {
      if (found.has(handler)) continue;
      found.set(handler, { how: "handler", callers: [] });
      waiting.push(handler);
    }
  }
  return isProgram(scene, found) ? found : new Map();
}

/** What a file says that is meant for a worker. */
const signsOfWorker = new RegExp(
  [
    String.raw`\b(?:parentPort|workerData|isMainThread|receiveMessageOnPort|importScripts|\w*WorkerGlobalScope|require\.main)\b`,
    String.raw`(?<![.\w$])(?:self\s*[.[]|onmessage\b|postMessage\s*\(|addEventListener\s*\(\s*["']message)`,
  ].join("|"),
);

const testRunners = /^(?:node:test|vitest|mocha|ava|tap|tape|uvu|@jest\/globals|bun:test|@playwright\/test)$/;

/** A test waits on purpose: its event loop has nothing else to handle. */
function isTest({ file, imports, text }: Module): boolean {
  return (
    /\.(?:test|spec)\.[cm]?[jt]sx?$/.test(file) ||
    imports.some(({ specifier }) => testRunners.test(specifier)) ||
    /\brequire\s*\(\s*["'](?:node:test|tap|tape|ava|uvu)["']\s*\)/.test(text)
  );
}

function mayBeWorker({ text }: Module): boolean {
  return signsOfWorker.test(text);
}

/** A module that exports something may be imported by a thread; one that starts threads itself is on the main one. */
function isProgram(scene: Scene, main: ReadonlyMap<BodyId, OnMain>): boolean {
  const { module } = scene;
  const exports = module.locals.some((local) => local.exported) || /^\s*export\b(?!\s*\{\s*\})/m.test(module.text);
  return !exports || threadStarts(scene).some(({ at }) => main.get(at.body) !== undefined);
}

/** The functions that a thread's closure has the names of. */
function namesInThreads(scene: Scene): ReadonlySet<LocalId> {
  return new Set(
    threadStarts(scene).flatMap(({ closure }) =>
      closure.module === scene.module ? closure.body.captures.map(({ local }) => local) : [],
    ),
  );
}

interface Run {
  readonly operand: Operand;
  readonly how: "called" | "handler";
}

/** The functions that a call on the main thread runs there, now or later. */
function runBy(scene: Scene, call: Call): readonly Run[] {
  const callee: Run = { operand: call.callee, how: "called" };
  const how = runsArguments(scene, call);
  return how === undefined ? [callee] : [callee, ...call.args.map(({ value }): Run => ({ operand: value, how }))];
}

/** Undefined where the arguments' functions may run anywhere. */
function runsArguments(scene: Scene, call: Call): Run["how"] | undefined {
  const role = roleOf(scene, call);
  switch (role?.kind) {
    case "each":
    case "collect":
    case "match":
    case "scope":
      return "called";
    case "then":
      return "handler";
    case undefined:
      return isEventSource(call) ? "handler" : undefined;
    default:
      return undefined;
  }
}

const timers = new Set(
  "setTimeout setInterval setImmediate queueMicrotask requestAnimationFrame requestIdleCallback".split(" "),
);
const listening = /^(?:on|once|addListener|prependListener|addEventListener)$/;

/** Timers, listeners, and what of Node or the browser takes a callback: an event loop calls it, that of this thread. */
function isEventSource({ callee, method, args, symbol }: Call): boolean {
  if (callee.kind === "item" && callee.local === undefined && timers.has(callee.name)) return true;
  if (method !== undefined && listening.test(method)) {
    const [event] = args;
    return event?.value.kind === "constant" && typeof event.value.value === "string";
  }
  return symbol?.package === "@types/node" || symbol?.package === "typescript";
}

/** `button.onclick = () => …` */
function assignedHandlers(module: Module, id: BodyId): readonly BodyId[] {
  return (module.bodies[id]?.blocks ?? []).flatMap(({ steps }) =>
    steps.flatMap((step) => {
      if (step.kind !== "assign" || step.value.kind !== "use" || step.value.operand.kind !== "function") return [];
      const last = step.to.path.at(-1);
      return last?.kind === "field" && /^on[a-z]+$/.test(last.name) ? [step.value.operand.body] : [];
    }),
  );
}

/** The method of a class of this file, where no class of the file can have another one in its place. */
function methodOf({ module, find }: Scene, { symbol, receiver }: Call): Body | undefined {
  if (symbol === undefined || receiver === undefined || /\bextends\b/.test(module.text)) return undefined;
  const found = find(symbol);
  return found?.module === module && found.body.kind === "method" ? found.body : undefined;
}

/** The function that an operand names, unless threads know it too. */
function functionOf(module: Module, operand: Operand, inThreads: ReadonlySet<LocalId>): Body | undefined {
  if (operand.kind === "function") return module.bodies[operand.body];
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const local = module.locals[operand.place.base];
  if (local?.function === undefined || local.reassigned || inThreads.has(local.id)) return undefined;
  return module.bodies[local.function];
}
