/** A worker that listens for messages, and blocks for ever before its event loop could bring one. */
import type { Facts } from "../../facts.js";
import { naturalLoops, successors } from "../../flow/graph.js";
import { writtenBy } from "../../flow/operands.js";
import type { Block, BlockId, Body, Module, Operand, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { type CallSite, indexModule, onlyDefinition } from "../../threads/walk.js";
import { blocks } from "./blocking.js";

/** How deep a condition is followed. */
const maxDepth = 6;

/** The blocking calls that starve the listener, with the place where it is registered. */
export function starvingCalls(facts: Facts): readonly { readonly site: CallSite; readonly listener: CallSite }[] {
  const { module } = facts;
  const [listener] = indexModule(module).calls.filter((site) => isListener(module, site));
  // What asks the port itself needs no event loop.
  if (listener === undefined || /\breceiveMessageOnPort\b/.test(module.text)) return [];
  return startedAtOnce(module).flatMap((body) => {
    const stuck = endlessBlocks(facts, body);
    const calls = indexModule(module).callsOf.get(body.id) ?? [];
    return calls
      .filter(({ at, call }) => stuck.has(at.block) && blocks(facts, call))
      .map((site) => ({ site, listener }));
  });
}

/** `parentPort.on("message", …)`, `self.addEventListener("message", …)`. */
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

/** The blocks of loops that nothing leaves, and in which nothing lets the event loop go on. */
function endlessBlocks(facts: Facts, body: Body): ReadonlySet<BlockId> {
  const stuck = new Set<BlockId>();
  for (const members of naturalLoops(body.blocks).values()) {
    const inside = [...members].flatMap((id) => body.blocks[id] ?? []);
    const isLeft = inside.some((block) => {
      const leaves = successors(block).some((to) => !members.has(to) && to !== block.unwind);
      return leaves && !(block.end.kind === "branch" && isFrozen(facts, block.end.condition, inside, 0));
    });
    const pauses = inside.some(({ steps }) =>
      steps.some((step) => step.kind === "assign" && (step.value.kind === "await" || step.value.kind === "yield")),
    );
    if (!isLeft && !pauses) for (const id of members) stuck.add(id);
  }
  return stuck;
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
  return local !== undefined && !steps.some((step) => writtenBy(step)?.base === local.id || runsCode(facts, step));
}

/** A call that may run a function of the program. */
function runsCode({ module, models }: Facts, step: Step): boolean {
  if (step.kind !== "assign" || step.value.kind !== "call") return false;
  const { value } = step;
  return roleOf(module, models, value) === undefined && value.symbol?.package !== "typescript";
}
