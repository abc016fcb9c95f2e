/** Functions of the project that start one thread, and give its handle or wait for its end. */
import { innermostLoop } from "../../flow/graph.js";
import type { Argument, Body, Call, Module, Step } from "../../mir/mir.js";
import { calledFunction, type FunctionRef, type Moved, roleOf, type Scene } from "../../threads/starts.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import { isMeasured, namesOf, type Start } from "./turns.js";

export interface Starter {
  readonly name: string;
  /** The call in it that starts the thread. */
  readonly spawn: Call;
  readonly file: string;
  /** The thread's handle, or a promise that is settled when the thread has ended. */
  readonly gives: "handle" | "end";
}

/** The calls of such functions. */
export function startsByFunctions(scene: Scene): readonly { readonly start: Start; readonly starter: Starter }[] {
  const { module } = scene;
  return indexModule(module).calls.flatMap(({ at, call, step }) => {
    const body = module.bodies[at.body];
    const inLoop = body !== undefined && innermostLoop(body.blocks, at.block) !== undefined;
    if (!inLoop || call.form !== "call" || call.args.some(({ spread }) => spread)) return [];
    const called = roleOf(scene, call) === undefined ? calledFunction(scene, call) : undefined;
    const starter = called && starterOf(scene, called);
    const start = { at, call, handle: step.to, move: undefined, moved: call.args.map(asMoved) };
    return starter === undefined ? [] : [{ start, starter }];
  });
}

function asMoved(argument: Argument): Moved {
  const place = argument.value.kind === "place" ? argument.value.place : undefined;
  return { argument, place, cloned: false, param: undefined };
}

function starterOf(scene: Scene, { module, body }: FunctionRef): Starter | undefined {
  const inner: Scene = module === scene.module ? scene : { ...scene, module };
  if ((body.kind !== "function" && body.kind !== "arrow") || body.generator || !standsAlone(module, body))
    return undefined;
  const calls = indexModule(module).callsOf.get(body.id) ?? [];
  // Another function may do what has to be done once at a time.
  if (calls.some(({ call }) => call.form !== "new" && roleOf(inner, call) === undefined)) return undefined;
  const [spawn, ...others] = calls.filter(({ call }) => roleOf(inner, call)?.kind === "spawn");
  if (spawn === undefined || others.length > 0 || !isPlainSpawn(inner, spawn) || isInLoop(body, spawn))
    return undefined;
  const name = body.name ?? "the function";
  const steps = body.blocks.flatMap((block) => block.steps);
  if (isMeasured(steps) || /bench|measure|profile/i.test(name)) return undefined;
  const joins = calls.filter(({ call }) => roleOf(inner, call)?.kind === "join");
  const starter = { name, spawn: spawn.call, file: module.file };
  if (!body.async) return joins.length === 0 ? { ...starter, gives: "handle" } : undefined;
  const [join, ...more] = joins;
  if (join === undefined || more.length > 0 || isInLoop(body, join)) return undefined;
  return waitsForIt(steps, spawn, join) ? { ...starter, gives: "end" } : undefined;
}

function isPlainSpawn(scene: Scene, { call }: CallSite): boolean {
  const role = roleOf(scene, call);
  return role?.kind === "spawn" && !role.scoped;
}

function isInLoop(body: Body, { at }: CallSite): boolean {
  return innermostLoop(body.blocks, at.block) !== undefined;
}

/** What it does depends on what it is given, and on nothing that an earlier call may have left. */
function standsAlone({ locals }: Module, { captures }: Body): boolean {
  return captures.every(({ local }) => {
    const { kind, function: known } = locals[local] ?? {};
    return kind === "function" || kind === "class" || kind === "import" || kind === "enum" || known !== undefined;
  });
}

/** It waits for the thread, and for nothing else. */
function waitsForIt(steps: readonly Step[], spawn: CallSite, { call, step }: CallSite): boolean {
  const { receiver } = call;
  const handles = namesOf(steps, { handle: spawn.step.to, call: spawn.call });
  if (receiver?.kind !== "place" || receiver.place.path.length > 0 || !handles.has(receiver.place.base)) return false;
  const waits = steps.flatMap((one) =>
    one.kind === "assign" && one.value.kind === "await" ? [one.value.operand] : [],
  );
  return waits.length === 1 && waits[0]?.kind === "place" && waits[0].place.base === step.to.base;
}
