/** What certainly happens whenever a module is imported. */
import { naturalLoops, successors } from "../../flow/graph.js";
import type { BlockId, Body, BodyId, Call, Module, Operand } from "../../mir/mir.js";
import { reachableFrom } from "../../threads/reach.js";
import { roleOf, type Scene } from "../../threads/starts.js";
import { bodyOf, type CallSite, indexModule, type Point } from "../../threads/walk.js";

/**
 * The call in the module's own code that leads to `at`: itself, or one of a function that certainly makes it at once.
 * Undefined where something decides whether it is made, or when.
 */
export function importLeadsTo(scene: Scene, site: CallSite): CallSite | undefined {
  return leadsTo(scene, site, new Set());
}

function leadsTo(scene: Scene, site: CallSite, seen: Set<BodyId>): CallSite | undefined {
  const { module } = scene;
  const body = bodyOf(module, site.at);
  if (!isAlwaysPassed(body, site.at)) return undefined;
  if (body.kind === "module") return site;
  // What an async function does behind an `await` comes when the import is long over.
  if (seen.has(body.id) || body.generator || !isBeforeAwaits(body, site.at)) return undefined;
  seen.add(body.id);
  for (const caller of callersOf(scene, body)) {
    const found = leadsTo(scene, caller, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function callersOf(scene: Scene, { id }: Body): readonly CallSite[] {
  const { module } = scene;
  return indexModule(module).calls.filter(({ call }) =>
    [call.callee, ...calledAtOnce(scene, call)].some((operand) => isFunction(module, operand, id)),
  );
}

/** The arguments that the call runs before it returns. A list is taken to have elements. */
function calledAtOnce(scene: Scene, call: Call): readonly Operand[] {
  const role = roleOf(scene, call);
  const position = role?.kind === "each" || role?.kind === "scope" ? 0 : role?.kind === "collect" ? 1 : undefined;
  const argument = position === undefined ? undefined : call.args[position];
  return argument === undefined || argument.spread ? [] : [argument.value];
}

function isFunction({ locals }: Module, operand: Operand, id: BodyId): boolean {
  if (operand.kind === "function") return operand.body === id;
  if (operand.kind !== "place" || operand.place.path.length > 0) return false;
  const local = locals[operand.place.base];
  return local?.function === id && !local.reassigned;
}

/** Whether each run of the function that ends comes past the point; a loop is taken to have a first turn. */
function isAlwaysPassed(body: Body, at: Point): boolean {
  if (!canEndWithout(body, at)) return true;
  const loop = [...naturalLoops(body.blocks)]
    .filter(([head, members]) => head !== at.block && members.has(at.block))
    .sort(([, a], [, b]) => a.size - b.size)[0];
  if (loop === undefined) return false;
  const [head, members] = loop;
  return !canTurnWithout(body, at, head, members) && isAlwaysPassed(body, { body: body.id, block: head, index: 0 });
}

function canEndWithout(body: Body, at: Point): boolean {
  const reaches = reachableFrom(body, { body: body.id, block: 0, index: -1 }, [at]);
  return body.blocks.some(
    ({ id, end, steps }) =>
      (end.kind === "return" || end.kind === "throw") && reaches({ body: body.id, block: id, index: steps.length }),
  );
}

function canTurnWithout(body: Body, at: Point, head: BlockId, members: ReadonlySet<BlockId>): boolean {
  const reaches = reachableFrom(body, { body: body.id, block: head, index: -1 }, [at]);
  return [...members].some((id) => {
    const block = body.blocks[id];
    return (
      block !== undefined &&
      successors(block).includes(head) &&
      reaches({ body: body.id, block: id, index: block.steps.length })
    );
  });
}

function isBeforeAwaits(body: Body, at: Point): boolean {
  if (!body.async) return true;
  const awaits = body.blocks.flatMap((block) =>
    block.steps.flatMap((step, index) =>
      step.kind === "assign" && step.value.kind === "await" ? [{ body: body.id, block: block.id, index }] : [],
    ),
  );
  return reachableFrom(body, { body: body.id, block: 0, index: -1 }, awaits)(at);
}
