/** A worker that listens for messages, and blocks for ever before its event loop could bring one. */
import type { Facts } from "../../facts.js";
import { naturalLoops, successors } from "../../flow/graph.js";
import type { BlockId, Body, Module } from "../../mir/mir.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import { blocks } from "./blocking.js";

/** The blocking calls that starve the listener, with the place where it is registered. */
export function starvingCalls(facts: Facts): readonly { readonly site: CallSite; readonly listener: CallSite }[] {
  const { module } = facts;
  const [listener] = indexModule(module).calls.filter((site) => isListener(module, site));
  // What asks the port itself needs no event loop.
  if (listener === undefined || /\breceiveMessageOnPort\b/.test(module.text)) return [];
  return startedAtOnce(module).flatMap((body) => {
    const stuck = endlessBlocks(body);
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
function endlessBlocks(body: Body): ReadonlySet<BlockId> {
  const stuck = new Set<BlockId>();
  for (const members of naturalLoops(body.blocks).values()) {
    const inside = [...members].flatMap((id) => body.blocks[id] ?? []);
    const isLeft = inside.some((block) => successors(block).some((to) => !members.has(to) && to !== block.unwind));
    const pauses = inside.some(({ steps }) =>
      steps.some((step) => step.kind === "assign" && (step.value.kind === "await" || step.value.kind === "yield")),
    );
    if (!isLeft && !pauses) for (const id of members) stuck.add(id);
  }
  return stuck;
}
