/** A worker that listens for messages, and blocks or works for ever before its event loop could bring one. */
import type { Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { naturalLoops, successors } from "../../flow/graph.js";
import { writtenBy } from "../../flow/operands.js";
import type { Block, BlockId, Body, LocalId, Loop, Module, Operand, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { type CallSite, functionNamed, indexModule, onlyDefinition, withNested } from "../../threads/walk.js";
import { blocks } from "./blocking.js";

/** How deep a condition is followed. */
const maxDepth = 6;

/** What keeps a worker from its messages. */
export interface Starving {
  /** The blocking call, or the head of a loop that never ends. */
  readonly span: Span;
  readonly kind: "blocks" | "loops";
  /** Where messages are listened for. */
  readonly listener: Span;
}

export function starving(facts: Facts): readonly Starving[] {
  const { module } = facts;
  const listener = listenerIn(module);
  // What asks the port itself needs no event loop; and in a file that the main thread runs too, the loop may be its.
  if (listener === undefined || /\b(?:receiveMessageOnPort|isMainThread)\b/.test(module.text)) return [];
  return startedAtOnce(module).flatMap((body) => {
    const loops = endlessLoops(facts, body);
    const stuck = new Set(loops.flatMap(({ members }) => [...members]));
    const calls = indexModule(module).callsOf.get(body.id) ?? [];
    const blocking = calls.filter(({ at, call }) => stuck.has(at.block) && blocks(facts, call));
    const busy = loops.filter(
      ({ members, caught, head }) =>
        !caught &&
        !blocking.some(({ at }) => members.has(at.block)) &&
        !loops.some((other) => other.head !== head && other.members.has(head)),
    );
    return [
      ...blocking.map(({ call }) => ({ span: call.spans.whole, kind: "blocks" as const, listener })),
      ...busy.flatMap(({ head }) => {
        const span = headOf(module, body.blocks[head]?.loop);
        return span === undefined ? [] : [{ span, kind: "loops" as const, listener }];
      }),
    ];
  });
}

/** `while (true)` */
function headOf({ text }: Module, loop: Loop | undefined): Span | undefined {
  if (loop === undefined) return undefined;
  const { start } = loop.span;
  const head = text.slice(start, loop.body.start).replace(/[\s{]+$/, "");
  return { start, end: start + head.length };
}

/** `parentPort.on("message", …)`, `self.addEventListener("message", …)`, `onmessage = …`. */
function listenerIn(module: Module): Span | undefined {
  const added = indexModule(module).calls.find((site) => isListener(module, site));
  if (added !== undefined) return added.call.spans.whole;
  const assigned = /(?<![.\w$])(?:(?:self|globalThis|parentPort)\s*[?!]?\s*\.\s*)?onmessage\s*=(?!=)/.exec(module.text);
  const handler = module.bodies.find(({ name, kind }) => name === "onmessage" && kind !== "method");
  return assigned === null || handler === undefined
    ? undefined
    : { start: assigned.index, end: assigned.index + assigned[0].replace(/\s*=$/, "").length };
}

function isListener({ text }: Module, { call }: CallSite): boolean {
  const [event] = call.args;
  if (!/^(?:on|addListener|addEventListener)$/.test(call.method ?? "")) return false;
  if (event?.value.kind !== "constant" || event.value.value !== "message") return false;
  return /^(?:(?:parentPort|self|globalThis)[?!]?\s*\.\s*\w+|addEventListener)$/.test(
    text.slice(call.spans.callee.start, call.spans.callee.end),
  );
}

/** The module's own code, and the functions that it calls. */
function startedAtOnce(module: Module): readonly Body[] {
  const found = new Set([0]);
  for (const id of found) {
    for (const { call } of indexModule(module).callsOf.get(id) ?? []) {
      const { callee } = call;
      if (callee.kind === "function") found.add(callee.body);
      if (callee.kind !== "place" || callee.place.path.length > 0) continue;
      const body = module.locals[callee.place.base]?.function;
      if (body !== undefined) found.add(body);
    }
  }
  return [...found].flatMap((id) => module.bodies[id] ?? []);
}

/** A loop that nothing leaves, and in which nothing lets the event loop go on. */
interface Endless {
  readonly head: BlockId;
  readonly members: ReadonlySet<BlockId>;
  /** An exception may lead out of it. */
  readonly caught: boolean;
}

function endlessLoops(facts: Facts, body: Body): readonly Endless[] {
  const found: Endless[] = [];
  for (const [head, members] of naturalLoops(body.blocks)) {
    const inside = [...members].flatMap((id) => body.blocks[id] ?? []);
    const isLeft = inside.some((block) => {
      const leaves = successors(block).some((to) => !members.has(to) && to !== block.unwind);
      return leaves && !isFrozenAt(facts, block, inside);
    });
    const pauses = inside.some(({ steps }) =>
      steps.some((step) => step.kind === "assign" && (step.value.kind === "await" || step.value.kind === "yield")),
    );
    const caught = inside.some(({ unwind, end }) =>
      unwind === undefined ? end.kind === "throw" : !members.has(unwind),
    );
    if (!isLeft && !pauses) found.push({ head, members, caught });
  }
  return found;
}

/** Whether a branch in the loop always goes the same way. What a loop goes through comes to its end. */
function isFrozenAt(facts: Facts, { end, loop }: Block, inside: readonly Block[]): boolean {
  const isEach = loop !== undefined && /^for-/.test(loop.kind);
  return end.kind === "branch" && !isEach && isFrozen(facts, end.condition, inside, 0);
}

/** Whether a condition cannot change in the loop: it is made of variables that only other functions write, and none runs. */
function isFrozen(facts: Facts, operand: Operand, loop: readonly Block[], depth: number): boolean {
  const { module } = facts;
  if (operand.kind === "constant") return true;
  if (operand.kind !== "place" || operand.place.path.length > 0 || depth > maxDepth) return false;
  const local = module.locals[operand.place.base];
  if (local?.kind === "temp") {
    const value = onlyDefinition(module, local.id)?.step.value;
    if (value?.kind === "use") return isFrozen(facts, value.operand, loop, depth + 1);
    return value?.kind === "compute" && value.operands.every((each) => isFrozen(facts, each, loop, depth + 1));
  }
  const steps = loop.flatMap((block) => block.steps);
  return (
    local !== undefined &&
    !local.exported &&
    !steps.some((step) => writtenBy(step)?.base === local.id || mayWrite(facts, step, local.id, 0))
  );
}

/** `Math.sqrt`, which the type checker was not asked about. */
function isOfLanguage(callee: Operand): boolean {
  return (
    callee.kind === "item" && callee.local === undefined && /^(?:Math|Number|Date|JSON|performance)\./.test(callee.name)
  );
}

/** How deep calls are followed. */
const maxCalls = 3;

/** Whether a step may run code of the program that writes a variable. */
function mayWrite(facts: Facts, step: Step, local: LocalId, depth: number): boolean {
  if (step.kind === "dispose") return true;
  if (step.kind !== "assign" || step.value.kind !== "call") return false;
  const { module, models } = facts;
  const { callee, args, symbol } = step.value;
  const isKnown =
    roleOf(module, models, step.value) !== undefined || symbol?.package === "typescript" || isOfLanguage(callee);
  const called = functionNamed(module, callee);
  if (called === undefined && !isKnown) return true;
  const run = [called, ...args.map(({ value }) => functionNamed(module, value))];
  return run.some((body) => {
    if (body === undefined) return false;
    const captured = body.captures.find((capture) => capture.local === local);
    if (depth >= maxCalls || captured?.uses.some(({ access }) => access !== "read")) return true;
    const steps = withNested(module, body.id).flatMap(({ blocks: own }) => own.flatMap((block) => block.steps));
    return steps.some((inner) => mayWrite(facts, inner, local, depth + 1));
  });
}
