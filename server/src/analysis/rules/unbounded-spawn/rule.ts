/** `unbounded-spawn`: a thread for each element of an input, however many there are. */

import type { Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { innermostLoop } from "../../flow/graph.js";
import type { Block, BodyId, Local, Module, Operand } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { sizeOf } from "../../threads/bounds.js";
import { sceneOf } from "../../threads/scene.js";
import { type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import { bodyOf, indexModule, onlyDefinition } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { throughPool } from "./fix.js";

export const unboundedSpawn: Rule = {
  name: "unbounded-spawn",
  summary: "A thread for each element of an input, however many there are",
  severity: "hint",
  rust: undefined,
  check,
};

function check(facts: Facts): readonly Report[] {
  const scene = sceneOf(facts);
  return threadStarts(scene).flatMap((start) => {
    const role = roleOf(scene.module, scene.models, start.call);
    if (role?.kind !== "spawn" || role.pooled === true) return [];
    const input = inputOf(scene, start);
    return input === undefined ? [] : [reportOf(scene, start, input)];
  });
}

/** What is gone through, one thread an element. */
export interface Input {
  readonly collection: Operand;
  /** The loop, or the call with the callback. */
  readonly span: Span;
  /** The function that the loop or the call is in. */
  readonly body: BodyId;
}

function inputOf(scene: Scene, start: ThreadStart): Input | undefined {
  const input = inputOfLoop(scene, start) ?? inputOfCallback(scene, start);
  if (input === undefined || !comesFromOutside(scene.module, input.collection)) return undefined;
  return isMeantForFew(scene.module, start, input) ? undefined : input;
}

function inputOfLoop({ module }: Scene, start: ThreadStart): Input | undefined {
  const body = bodyOf(module, start.at);
  const around = innermostLoop(body.blocks, start.at.block);
  const head = around && body.blocks[around.head];
  if (around === undefined || head?.loop?.kind !== "for-of" || head.end.kind !== "branch") return undefined;
  // Whatever is waited for in the loop may be a place among few.
  if (body.blocks.some((block) => around.members.has(block.id) && waits(block))) return undefined;
  return { collection: head.end.condition, span: head.loop.span, body: body.id };
}

function waits({ steps }: Block): boolean {
  return steps.some((step) => step.kind === "assign" && (step.value.kind === "await" || step.value.kind === "yield"));
}

/** `items.map((item) => thread.spawn(…))`. */
function inputOfCallback(scene: Scene, start: ThreadStart): Input | undefined {
  const { module, models } = scene;
  const body = bodyOf(module, start.at);
  const site = indexModule(module).handedTo.get(body.id);
  if (site === undefined || body.async || roleOf(module, models, site.call)?.kind !== "each") return undefined;
  const { receiver } = site.call;
  if (receiver === undefined || site.call.args[0]?.value.kind !== "function") return undefined;
  return { collection: receiver, span: site.call.spans.whole, body: site.at.body };
}

/** A parameter, a field of one, or what is read from outside of the program. */
function comesFromOutside(module: Module, collection: Operand, depth = 0): boolean {
  if (sizeOf(module, collection) !== undefined || depth > 4 || collection.kind !== "place") return false;
  const { base, path } = collection.place;
  const local = module.locals[base];
  if (local?.kind === "param") return !isRest(module, local) && !(path.length === 0 && isTuple(module, local));
  if (path.length > 0) return false;
  const value = onlyDefinition(module, base)?.step.value;
  if (value?.kind === "await" || value?.kind === "use") return comesFromOutside(module, value.operand, depth + 1);
  return value?.kind === "call" && value.method !== undefined && readers.has(value.method);
}

/** `f(...items)`: whoever calls it writes the items down. */
function isRest(module: Module, { id, body }: Local): boolean {
  return module.bodies[body]?.params.some(({ rest, arrives }) => rest && arrives === id) ?? false;
}

/** `pair: readonly [string, string]`: its type says how many there are. */
function isTuple({ text }: Module, { span, statement }: Local): boolean {
  const annotation = span && statement ? text.slice(span.end, statement.end) : "";
  return /^\??\s*:\s*(?:readonly\s*)?\[(?:(?!\.\.\.)[^[\]])*\]\s*(?:=|$)/.test(annotation);
}

/** What gives as many as the disk, the network or a text has. */
const readers = new Set("readdir readdirSync split matchAll globSync parse json".split(" "));

/** The names of parts that were cut to the number of cores. */
const parts =
  /part|chunk|slice|shard|worker|core|cpu|thread|range|bucket|batch|strip|band|segment|tile|block|piece|half|quarter|group/i;

function isMeantForFew(module: Module, start: ThreadStart, { collection, span }: Input): boolean {
  const names = [
    textOf(module, collection.span),
    ...(start.moved ?? []).map(({ argument }) => textOf(module, argument.value.span)),
  ];
  return (
    names.some((name) => parts.test(name)) || /availableParallelism|hardwareConcurrency/.test(textOf(module, span))
  );
}

function reportOf(scene: Scene, start: ThreadStart, input: Input): Report {
  const { module } = scene;
  const { file } = module;
  const written = textOf(module, input.collection.span);
  const shown = /^[\w$.]{1,40}$/.test(written) ? `\`${written}\`` : "the input";
  return {
    message: `a thread is started for each element of ${shown}, however many there are`,
    location: { file, ...start.call.spans.callee },
    label: "every turn starts one more thread",
    related: [{ file, ...input.collection.span, message: "how many there are is not known here" }],
    notes: [
      "each thread is a worker with a heap of its own of about 10 MB, and no more of them run at a time than there are cores: a thousand elements cost 10 GB and are done no sooner",
    ],
    help: [
      "Give the work to a `ThreadPool`, which keeps one thread a core and a queue",
      "Or cut the input into as many parts as `thread.availableParallelism()` says",
    ],
    fixes: throughPool(scene, start, input),
    tags: [],
  };
}
