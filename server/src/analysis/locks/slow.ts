/** What a step waits for that can take long: itself, or in the functions of the project that it calls. */
import type { Location, Span } from "../diagnostic.js";
import type { Body, Operand, Step } from "../mir/mir.js";
import { sceneIn } from "../threads/scene.js";
import { calledFunction, type FunctionRef, type Scene } from "../threads/starts.js";
import type { Point } from "../threads/walk.js";
import { isPassedAlways } from "./uses.js";
import { type Awaited, awaitedAt, awaitedBy, isTimer } from "./waiting.js";

export interface SlowWait {
  readonly span: Span;
  /** Goes on from "waits". */
  readonly what: string;
  /** The function of the project that does the waiting, and where. */
  readonly through: { readonly name: string; readonly at: Location } | undefined;
  /** The call that waits, where it is one. */
  readonly awaited: Awaited | undefined;
}

/** Functions that call each other are followed this far. */
const maxDepth = 3;

/** Of a promise that nobody knows, it is taken to be quick. */
export function slowWait(scene: Scene, at: Point, step: Step, depth = maxDepth): SlowWait | undefined {
  if (step.kind !== "assign") return undefined;
  const { value } = step;
  if (value.kind === "element") return slowElement(scene, value.of);
  return firstSlow(scene, awaitedAt(scene, at, step), {
    until: value.kind === "await" ? "settled" : "returned",
    depth,
  });
}

/** How long somebody waits for a call: until it has returned, or until what it returned is settled. */
interface Waiting {
  readonly until: "returned" | "settled";
  readonly depth: number;
}

/** `for await (const message of receiver)` */
function slowElement({ module, models }: Scene, of: Operand): SlowWait | undefined {
  const local = of.kind === "place" && of.place.path.length === 0 ? module.locals[of.place.base] : undefined;
  const isReceiver = local?.type?.kind === "named" && models.type(local.type.symbol) === "receiver";
  return isReceiver ? { span: of.span, what: "for messages", through: undefined, awaited: undefined } : undefined;
}

function firstSlow(scene: Scene, calls: readonly Awaited[], waiting: Waiting): SlowWait | undefined {
  for (const awaited of calls) {
    const what = slownessOf(scene, awaited, waiting);
    const span = awaited.site.call.spans.whole;
    if (what !== undefined) return { span, what, through: undefined, awaited };
    const inside = awaited.role === undefined ? slowThrough(scene, awaited, waiting) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function slownessOf(scene: Scene, { site, role }: Awaited, { until }: Waiting): string | undefined {
  if (until === "returned" && !(role !== undefined && "mode" in role && role.mode === "sync")) return undefined;
  if (role?.kind === "join") return "for a thread to end";
  if (role?.kind === "wait" && role.until !== "cell") return untils[role.until];
  // It gives back the guard that it is given, and no other.
  if (role?.kind === "relock") return "for a notification";
  return isTimer(scene, site) ? "for time to pass" : undefined;
}

const untils = {
  message: "for a message",
  time: "for time to pass",
  "other threads": "for other threads",
  answer: "for an answer from the network",
} as const;

/** A function of the project that waits for something slow on each way through it. */
function slowThrough(scene: Scene, awaited: Awaited, { until, depth }: Waiting): SlowWait | undefined {
  const { call } = awaited.site;
  const callee = depth === 0 ? undefined : calledFunction(scene, call);
  if (callee === undefined || callee.body.generator || (callee.body.async && until === "returned")) return undefined;
  const found = slowIn(sceneIn(scene, callee.module), callee, { until, depth: depth - 1 });
  if (found === undefined) return undefined;
  const at = { file: callee.module.file, ...found.span };
  const name = callee.body.name ?? call.method ?? "what it calls";
  return { span: call.spans.whole, what: found.what, through: found.through ?? { name, at }, awaited };
}

type Known = Map<Body, SlowWait | undefined>;

const known: Readonly<Record<Waiting["until"], WeakMap<Scene["find"], Known>>> = {
  returned: new WeakMap(),
  settled: new WeakMap(),
};

function slowIn(scene: Scene, { body }: FunctionRef, waiting: Waiting): SlowWait | undefined {
  const memories = known[waiting.until];
  const memory = memories.get(scene.find) ?? new Map<Body, SlowWait | undefined>();
  memories.set(scene.find, memory);
  if (memory.has(body)) return memory.get(body);
  // A function that calls itself waits for nothing more by that.
  memory.set(body, undefined);
  const found = searchIn(scene, body, waiting);
  if (waiting.depth === maxDepth - 1) memory.set(body, found);
  else memory.delete(body);
  return found;
}

function searchIn(scene: Scene, body: Body, { until, depth }: Waiting): SlowWait | undefined {
  for (const { id, steps, end } of body.blocks) {
    if (!isPassedAlways(body, id)) continue;
    for (const [index, step] of steps.entries()) {
      const wait = slowWait(scene, { body: body.id, block: id, index }, step, depth);
      if (wait !== undefined) return wait;
    }
    if (until === "returned" || end.kind !== "return" || end.operand === undefined) continue;
    const wait = firstSlow(scene, awaitedBy(scene, end.operand), { until, depth });
    if (wait !== undefined) return wait;
  }
  return undefined;
}
