/** Turns of a loop in which a thread is started and waited for. */
import { innermostLoop, successors } from "../../flow/graph.js";
import { readAtEnd, readBy } from "../../flow/operands.js";
import type { Block, BlockId, Body, Call, LocalId, Loop, Module, Operand, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { Scene, ThreadStart } from "../../threads/starts.js";
import { bodyOf, indexModule } from "../../threads/walk.js";

/** One turn of a loop in which a thread is started, waited for, and nothing else is waited for. */
export interface Turn {
  readonly loop: Loop;
  readonly join: Call;
  /** The step that joins. */
  readonly step: Step;
}

/** What starts a thread, or a function of the project that does. */
export type Start = Pick<ThreadStart, "at" | "call" | "handle" | "move" | "moved">;

/** @param gives Whether the call gives the thread's handle, or a promise that is settled when the thread has ended. */
export function turnOf(scene: Scene, start: Start, gives: "handle" | "end"): Turn | undefined {
  const { module } = scene;
  const body = bodyOf(module, start.at);
  const around = innermostLoop(body.blocks, start.at.block);
  if (around === undefined) return undefined;
  const { head, members } = around;
  const loop = body.blocks[head]?.loop;
  // What the others wait for is not known before: the input of a `for await`, the condition of a `while`.
  if (loop === undefined || (loop.kind !== "for" && loop.kind !== "for-of" && loop.kind !== "for-in")) return undefined;
  // Without an end there are no threads to start first.
  if (body.blocks[head]?.end.kind !== "branch") return undefined;
  const blocks = body.blocks.filter(({ id }) => members.has(id));
  if (blocks.some((block) => block.id !== head && leaves(body, block, members))) return undefined;
  // A handle that is kept beyond the turn may be joined in the next one, while another thread runs.
  if (isFromOutside(module, blocks, start.handle.base)) return undefined;
  const steps = blocks.flatMap((block) => block.steps);
  if (isMeasured(steps)) return undefined;
  const names = namesOf(steps, start);
  const [only, ...others] = steps.flatMap((step) => joinIn(scene, step, gives === "handle" ? names : start.call) ?? []);
  if (only === undefined || others.length > 0 || !waitsOnlyFor(scene, steps, start, only.join)) return undefined;
  return dependsOnTheLast(scene, body, blocks, start) ? undefined : { loop, ...only };
}

/** A `break` or `return`: whether there is a next turn depends on what the thread found. A `throw` ends it all. */
function leaves(body: Body, block: Block, members: ReadonlySet<BlockId>): boolean {
  if (block.end.kind === "return") return true;
  return successors(block).some((to) => !members.has(to) && to !== block.unwind && !throws(body, to));
}

/** Whether a block does nothing else but come to a `throw`. */
function throws(body: Body, id: BlockId): boolean {
  const end = body.blocks[id]?.end;
  return end?.kind === "throw" || (end?.kind === "goto" && end.target > id && throws(body, end.target));
}

/** The step, and the call in it by which it joins what one of the names holds, or which does so itself. */
function joinIn(scene: Scene, step: Step, names: ReadonlySet<LocalId> | Call): Pick<Turn, "join" | "step"> | undefined {
  if (step.kind !== "assign" || step.value.kind !== "call") return undefined;
  if ("kind" in names) return step.value === names ? { join: names, step } : undefined;
  const { receiver, args } = step.value;
  const isOne = (operand: Operand | undefined): boolean =>
    operand?.kind === "place" && operand.place.path.length === 0 && names.has(operand.place.base);
  const position = args.findIndex(({ value }) => isOne(value));
  const joins =
    roleOf(scene.module, scene.models, step.value)?.kind === "join"
      ? isOne(receiver)
      : position >= 0 && joinsParameter(scene, step.value, position);
  return joins ? { join: step.value, step } : undefined;
}

/** Whether a function of the project joins what it is given there. */
function joinsParameter({ find, models }: Scene, { symbol }: Call, position: number): boolean {
  const found = symbol && find(symbol);
  const parameter = found?.body.params[position];
  if (found === undefined || parameter === undefined || parameter.rest) return false;
  const calls = indexModule(found.module).callsOf.get(found.body.id) ?? [];
  return calls.some(({ call }) => {
    const { receiver } = call;
    if (receiver?.kind !== "place" || receiver.place.path.length > 0) return false;
    return receiver.place.base === parameter.arrives && roleOf(found.module, models, call)?.kind === "join";
  });
}

/** What holds the thread's handle in the same turn. */
export function namesOf(
  steps: readonly Step[],
  { handle, call }: Pick<Start, "handle" | "call">,
): ReadonlySet<LocalId> {
  const names = new Set<LocalId>(handle.path.length === 0 ? [handle.base] : []);
  for (const step of steps) {
    if (step.kind !== "assign" || step.to.path.length > 0) continue;
    const from = step.value.kind === "use" ? step.value.operand : unwrapped(step, call);
    if (from?.kind === "place" && from.place.path.length === 0 && names.has(from.place.base)) names.add(step.to.base);
  }
  return names;
}

/** `new thread.Builder().spawn(f).unwrap()`. */
function unwrapped(step: Step, start: Call): Operand | undefined {
  const call = step.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
  return call !== start && (call?.method === "unwrap" || call?.method === "expect") ? call.receiver : undefined;
}

/** Nothing else in the turn waits, starts a thread, or gives something to be waited for. */
function waitsOnlyFor(scene: Scene, steps: readonly Step[], start: Start, join: Call): boolean {
  const promise = steps.find((step) => step.kind === "assign" && step.value === join);
  const awaited = promise?.kind === "assign" ? promise.to.base : undefined;
  let waits = isSync(scene, join);
  for (const step of steps) {
    if (step.kind !== "assign") continue;
    const { value } = step;
    if (value.kind === "yield") return false;
    if (value.kind === "await") {
      if (value.operand.kind !== "place" || value.operand.place.base !== awaited) return false;
      waits = true;
    }
    if (value.kind === "call" && value !== start.call && roleOf(scene.module, scene.models, value)?.kind === "spawn")
      return false;
  }
  return waits;
}

function isSync(scene: Scene, join: Call): boolean {
  const role = roleOf(scene.module, scene.models, join);
  return role?.kind === "join" && role.mode === "sync";
}

/** Whether what one thread is given, or whether there is another turn, may come from the thread before it. */
function dependsOnTheLast({ module }: Scene, body: Body, blocks: readonly Block[], start: Start): boolean {
  if (start.moved === undefined) return true;
  const given = start.moved.flatMap(({ place, argument }) => [
    ...(place === undefined ? [] : [place.base]),
    ...sourcesOf(module, argument.value, maxDepth),
  ]);
  const heads = blocks.filter(({ loop }) => loop !== undefined);
  const tested = heads.flatMap((head) => [...head.steps.flatMap(readBy), ...readAtEnd(head)].flatMap(basesOf));
  return [...new Set([...given, ...tested])].some(
    (local) => isFromOutside(module, blocks, local) && isTouched(module, body, blocks, start, local),
  );
}

/** A variable of the turn itself is new each time, and the loop's own is what it counts with. */
function isFromOutside(module: Module, blocks: readonly Block[], local: LocalId): boolean {
  const { scope, kind } = module.locals[local] ?? {};
  if (kind === "temp" || (scope !== undefined && module.scopes[scope]?.kind === "loop")) return false;
  return !blocks.some(({ steps }) =>
    steps.some((step) => step.kind === "assign" && step.declares && step.to.base === local),
  );
}

/** Whether something in the turn may change a variable: anything but reading it for the thread. */
function isTouched(module: Module, body: Body, blocks: readonly Block[], start: Start, local: LocalId): boolean {
  const ids = new Set(blocks.map(({ id }) => id));
  const uses = indexModule(module).uses.get(local) ?? [];
  return uses.some(
    ({ at, access, step }) =>
      at.body === body.id &&
      ids.has(at.block) &&
      (access !== "read" || (step !== undefined && !isReading(step, start))),
  );
}

function isReading(step: Step, { move, call }: Start): boolean {
  if (step.kind !== "assign") return false;
  const { value } = step;
  return value.kind !== "call" || value === move || value === call || value.method === "clone";
}

/** Whoever measures how long something takes wants nothing else to run meanwhile. */
export function isMeasured(steps: readonly Step[]): boolean {
  return steps.some(
    (step) => step.kind === "assign" && step.value.kind === "call" && clocks.test(nameOf(step.value.callee)),
  );
}

const clocks =
  /^(?:globalThis\.)?(?:performance\.(?:now|mark|timeOrigin)|Date\.now|console\.time(?:End|Log)?|process\.hrtime(?:\.bigint)?)$/;

function nameOf(callee: Operand): string {
  return callee.kind === "item" ? callee.name : "";
}

/** How far back it is looked for what a value is made of. */
const maxDepth = 6;

/** The variables that a value is made of, before it has a name. */
function sourcesOf(module: Module, operand: Operand, depth: number): readonly LocalId[] {
  if (operand.kind === "function") return (module.bodies[operand.body]?.captures ?? []).map(({ local }) => local);
  return basesOf(operand).flatMap((base) => {
    const made =
      module.locals[base]?.kind === "temp" && depth > 0 ? indexModule(module).definitions.get(base) : undefined;
    return made === undefined
      ? [base]
      : made.flatMap(({ step }) => readBy(step).flatMap((part) => sourcesOf(module, part, depth - 1)));
  });
}

function basesOf(operand: Operand): readonly LocalId[] {
  return operand.kind === "place" ? [operand.place.base] : [];
}
