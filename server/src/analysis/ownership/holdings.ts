/**
 * Which guards a function holds at the steps that may wait: its locksets, after Savage et al. ("Eraser: a dynamic data race
 * detector for multithreaded programs", 1997), as far as waiting is concerned.
 */
import type { BlockId, BodyId, LocalId, Step, Value } from "../mir/mir.js";
import { type Frame, isTemp, roleOf, type Site } from "./engine.js";
import { guardProtocol } from "./protocols.js";
import type { At } from "./transfer.js";
import { type AbstractValue, directTokens, type ObjectId, type TokenId } from "./value.js";
import type { World } from "./world.js";

/** A step that may wait, at which some path holds guards. */
export interface Holding {
  readonly body: BodyId;
  /** The function that was run: the body, or one around it that calls it at once. */
  readonly root: BodyId;
  readonly block: BlockId;
  readonly index: number;
  readonly step: Step & { readonly kind: "assign" };
  readonly guards: ReadonlyMap<TokenId, HeldGuard>;
}

export interface HeldGuard {
  readonly site: Site;
  /** The variable that is the guard: not one that holds it in an array. */
  readonly holder: LocalId | undefined;
  /** An earlier turn of a loop took it, so that the names of that turn may mean something else by now. */
  readonly earlier: boolean;
}

/** Notes what is held in a world before it takes a step. */
export function noteHoldings(frame: Frame, world: World, { step, block, index }: At): void {
  if (!frame.reports || step.kind !== "assign" || !hasGuard(world) || !mayWait(frame, step.value)) return;
  const guards = heldIn(frame, world);
  if (guards.size === 0) return;
  const { holdings } = frame.engine;
  const body = frame.info.body.id;
  const root = frame.stack[0] ?? body;
  const key = `${root}.${body}.${block.id}.${index}`;
  for (const [id, guard] of guards) {
    const own = step.value.kind === "call" && guard.site.call === step.value;
    if (own) guards.set(id, { ...guard, earlier: true });
  }
  const before = holdings.get(key)?.guards ?? [];
  holdings.set(key, { body, root, block: block.id, index, step, guards: new Map([...before, ...guards]) });
}

function hasGuard({ tokens }: World): boolean {
  return tokens.values().some(({ protocol, state }) => protocol === guardProtocol && state === guardProtocol.initial);
}

/** Whether it is worth while to know what is held: calls and promises of code that nobody knows wait for what they like. */
function mayWait(frame: Frame, value: Value): boolean {
  const { engine } = frame;
  switch (value.kind) {
    case "element":
      return value.async;
    case "await": {
      const { operand } = value;
      if (operand.kind !== "place") return false;
      const awaited = engine.conditions.definition(operand.place.base);
      if (awaited?.kind !== "call" || awaited.symbol?.package === undefined || awaited.form === "new") return true;
      return roleOf(engine, awaited) !== undefined;
    }
    case "call": {
      const role = roleOf(engine, value);
      if (role !== undefined) return "mode" in role && role.mode === "sync";
      if (value.symbol !== undefined) return value.symbol.package === undefined;
      const local = value.callee.kind === "place" ? engine.module.locals[value.callee.place.base] : undefined;
      return local?.function !== undefined || local?.kind === "param";
    }
    default:
      return false;
  }
}

/** The guards that are held in a world. Of a promise or a Result that nobody opened yet, it is not known that there is one. */
function heldIn(frame: Frame, world: World): Map<TokenId, HeldGuard> {
  const opened = new Map<TokenId, LocalId | undefined>();
  const objects = new Set<ObjectId>();
  const open = (value: AbstractValue, holder: LocalId | undefined): void => {
    for (const token of directTokens(value)) opened.set(token, holder ?? opened.get(token));
    for (const atom of value.atoms) if (atom.kind === "object") objects.add(atom.object);
  };
  for (const [local, value] of world.locals) open(value, isTemp(frame, local) ? undefined : local);
  // What is added while a set is walked is walked, too.
  for (const id of objects) {
    const { fields, elements } = world.objects.get(id) ?? {};
    for (const value of fields?.values() ?? []) open(value, undefined);
    if (elements !== undefined) open(elements, undefined);
  }
  const held = new Map<TokenId, HeldGuard>();
  for (const [id, holder] of opened) {
    const token = world.tokens.get(id);
    const site = token?.protocol === guardProtocol ? frame.engine.sites.get(token.site) : undefined;
    if (token?.state !== guardProtocol.initial || site === undefined) continue;
    held.set(id, { site, holder, earlier: id.endsWith("#earlier") });
  }
  return held;
}
