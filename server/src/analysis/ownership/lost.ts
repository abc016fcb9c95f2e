/** Finds the tracked values that nobody can reach any more, and says how they were lost. */
import type { LocalId, Step, Terminator } from "../mir/mir.js";
import type { Exit, Frame, Loss } from "./engine.js";
import type { At } from "./transfer.js";
import { objectsIn, type TokenId, tokensIn } from "./value.js";
import { reachable, type World } from "./world.js";

interface Lost {
  /** As it was before the step. */
  readonly before: World;
  /** As it is now; values that were lost are taken out of it, so that each is lost once. */
  readonly world: World;
  readonly at: At;
}

/** Forgets temporaries that are not used again, and reports what went with them or with the step. */
export function collectLost(frame: Frame, { before, world, at }: Lost): void {
  const live = frame.info.liveness.liveAfter(at.block.id, at.index);
  const { locals } = frame.engine.module;
  for (const id of world.locals.keys()) {
    const local = locals[id];
    if (local?.kind === "temp" && local.body === frame.info.body.id && !live.has(id)) world.locals.delete(id);
  }
  takeLost(world, (token) => {
    const holder = holderOf(frame, before, token);
    const kind = lossKind(before, token, at.step);
    report(frame, world, token, { kind, ...holder, step: at.step, exit: exitOf(frame, world, at.step) });
  });
}

/** Reports what is still owed where control leaves a body. `before` has the body's variables, `world` no longer. */
export function collectAtExit(frame: Frame, before: World, world: World, end: Terminator): void {
  const keyword = end.kind === "return" || end.kind === "throw" ? end.kind : undefined;
  const span = "span" in end ? end.span : frame.info.body.spans.whole;
  const implicit = end.kind === "return" && end.implicit;
  takeLost(world, (token) => {
    const exit: Exit = world.thrown
      ? { span: world.thrown, keyword: "throw" }
      : { span, keyword: implicit ? undefined : keyword };
    report(frame, world, token, { kind: "left", ...holderOf(frame, before, token), step: undefined, exit });
  });
}

function takeLost(world: World, found: (token: TokenId) => void): void {
  const kept = reachable(world, world.locals.values());
  for (const [id, token] of world.tokens) {
    if (kept.has(id) || token.parameter) continue;
    found(id);
    world.tokens.delete(id);
  }
  dropUnreachableObjects(world);
}

function dropUnreachableObjects(world: World): void {
  if (world.objects.size === 0) return;
  const kept = new Set<string>();
  const waiting = [...world.locals.values()].flatMap(objectsIn);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const object = world.objects.get(id);
    if (object === undefined || kept.has(id)) continue;
    kept.add(id);
    for (const field of object.fields.values()) waiting.push(...objectsIn(field));
    if (object.elements !== undefined) waiting.push(...objectsIn(object.elements));
  }
  for (const id of world.objects.keys()) if (!kept.has(id)) world.objects.delete(id);
}

function lossKind(before: World, token: TokenId, step: Step): Loss["kind"] {
  if (step.kind === "end-scope") return "left";
  if (step.kind !== "assign" && step.kind !== "update" && step.kind !== "delete") return "discarded";
  const written = step.kind === "assign" ? step.to : step.place;
  const held = before.locals.get(written.base);
  return held !== undefined && reachable(before, [held]).has(token) ? "overwritten" : "discarded";
}

/** The named variable that held the value last: rather one that holds it directly than a container. */
function holderOf(frame: Frame, world: World, token: TokenId): Pick<Loss, "local" | "held" | "pending"> {
  const { locals } = frame.engine.module;
  let inside: LocalId | undefined;
  let pending = false;
  for (const [id, value] of world.locals) {
    const named = locals[id]?.name !== undefined;
    const direct = tokensIn(value).includes(token);
    pending ||= value.atoms.some((atom) => atom.kind === "pending" && atom.token === token);
    if (direct && named) return { local: id, held: "directly", pending: isPending(world, token) };
    if (named && inside === undefined && reachable(world, [value]).has(token)) inside = id;
  }
  return { local: inside, held: inside === undefined ? "not" : "inside", pending: pending || isPending(world, token) };
}

/** Whether the promise of its join is all there is of it. */
function isPending(world: World, token: TokenId): boolean {
  const values = [
    ...world.locals.values(),
    ...[...world.objects.values()].flatMap((object) => [
      ...object.fields.values(),
      ...(object.elements === undefined ? [] : [object.elements]),
    ]),
  ];
  return values.some((value) => value.atoms.some((atom) => atom.kind === "pending" && atom.token === token));
}

function exitOf(frame: Frame, world: World, step: Step): Exit {
  const { text } = frame.engine.module;
  const { statement, span } = step;
  const word = /^(return|throw|break|continue)\b/.exec(text.slice(statement.start, statement.start + 9))?.[1];
  if (world.thrown !== undefined && step.kind === "end-scope") return { span: world.thrown, keyword: "throw" };
  // A scope that ends on the way out of a jump ends where the jump does.
  if (step.kind !== "end-scope" || word === undefined || span.start !== statement.end)
    return { span, keyword: undefined };
  return { span: statement, keyword: word as Exit["keyword"] };
}

function report(frame: Frame, world: World, token: TokenId, how: Omit<Loss, "site">): void {
  const site = frame.engine.sites.get(world.tokens.get(token)?.site ?? "");
  if (!frame.reports || site === undefined) return;
  const key = [site.id, how.kind, how.exit.span.start, how.local ?? ""].join(":");
  if (!frame.engine.losses.has(key)) frame.engine.losses.set(key, { site, ...how });
}
