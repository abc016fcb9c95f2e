/** Values that no call made before the eyes of the analysis: what their variables' types tell of them. */
import { readAtEnd, readBy } from "../flow/operands.js";
import type { Call, Local, LocalId, Module, Operand } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import type { TypeKey } from "../program/program.js";
import type { Frame } from "./engine.js";
import type { Protocol } from "./protocol.js";
import { movableProtocol, receiverProtocol, senderProtocol } from "./protocols.js";
import { makeToken } from "./tokens.js";
import { type AbstractValue, unknown } from "./value.js";
import { emptyWorld, type World } from "./world.js";

/** The world in which a body is entered whose callers are not known. */
export function entryWorld(frame: Frame): World {
  const world = emptyWorld();
  const { engine, info } = frame;
  for (const { arrives, rest } of info.body.params) {
    const local = engine.module.locals[arrives];
    if (rest || local === undefined || engine.closures.outOfSight(arrives)) continue;
    const value = valueOfType(frame, world, local, undefined);
    if (value.atoms.length > 0) world.locals.set(arrives, value);
  }
  return world;
}

/**
 * What a variable holds that gets a value of which nothing else is known.
 *
 * @param at Where it gets it, and the call that gives it, which may tell more than the variable's annotation.
 */
export function valueOfType(
  frame: Frame,
  world: World,
  local: Local,
  at: { readonly start: number; readonly call: Call | undefined } | undefined,
): AbstractValue {
  const protocol = protocolOfVariable(frame, local, at?.call);
  return protocol === undefined ? unknown : makeToken(world, `${local.id}=${at?.start ?? ""}`, protocol);
}

/** Undefined where it does not matter what the variable owns, or is not known. */
export function protocolOfVariable(
  { engine, info }: Frame,
  local: Local,
  call: Call | undefined,
): Protocol | undefined {
  if (!engine.moves(info.body.id) || !handedOver(engine.module).has(local.id)) return undefined;
  return protocolOfType(engine.models, call?.type) ?? protocolOfType(engine.models, local.type);
}

const handed = new WeakMap<Module, ReadonlySet<LocalId>>();

/** The locals that are handed on as a whole anywhere: given to a call, kept in something, named again, returned. */
function handedOver(module: Module): ReadonlySet<LocalId> {
  const before = handed.get(module);
  if (before !== undefined) return before;
  const found = new Set<LocalId>();
  const note = (operand: Operand): void => {
    if (operand.kind !== "place") return;
    // The memory of a view goes with it.
    const isWhole = operand.place.path.every((step) => step.kind === "field" && step.name === "buffer");
    if (isWhole) found.add(operand.place.base);
  };
  for (const block of module.bodies.flatMap(({ blocks }) => blocks)) {
    for (const step of block.steps) {
      // What a method is called on stays where it is, unless a part of it is what the method returns.
      if (step.kind === "assign" && step.value.kind === "call") {
        const { args, receiver, method } = step.value;
        for (const { value } of args) note(value);
        if (method === "subarray" && receiver !== undefined) note(receiver);
      } else readBy(step).forEach(note);
    }
    readAtEnd(block).forEach(note);
  }
  handed.set(module, found);
  return found;
}

/** The protocol that every value of a type follows. Undefined where it is not known of all of them. */
export function protocolOfType(models: Models, type: TypeKey | undefined): Protocol | undefined {
  if (type?.kind === "union") {
    const [first, ...others] = type.members.map((member) => protocolOfType(models, member));
    return others.every((other) => other === first) ? first : undefined;
  }
  if (type?.kind !== "named") return undefined;
  if (models.isShared(type.symbol)) return undefined;
  switch (models.type(type.symbol)) {
    case "lock":
    case "arc":
    case "atomic":
      return movableProtocol;
    case "sender":
      return senderProtocol;
    case "receiver":
      return receiverProtocol;
    default:
      return isOwnMemory(models, type) ? movableProtocol : undefined;
  }
}

/** Shared memory is not moved, and of `ArrayBufferLike` nobody knows. */
function isOwnMemory(models: Models, type: TypeKey | undefined): boolean {
  if (type?.kind !== "named") return false;
  const role = models.memory(type.symbol);
  if (role === "owner") return true;
  const [memory] = type.args;
  return role === "view" && memory?.kind === "named" && models.memory(memory.symbol) === "owner";
}

/** Whether a variable's type says that it owns its memory, and is no view of another's. */
export function ownsMemory(models: Models, local: Local | undefined): boolean {
  return local?.type?.kind === "named" && models.memory(local.type.symbol) === "owner";
}
