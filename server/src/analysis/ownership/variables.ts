/** Values that no call made before the eyes of the analysis: what their variables' types tell of them. */
import type { Call, Local } from "../mir/mir.js";
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
  if (!frame.engine.moves(frame.info.body.id)) return unknown;
  const { models } = frame.engine;
  const protocol = protocolOfType(models, at?.call?.type) ?? protocolOfType(models, local.type);
  return protocol === undefined ? unknown : makeToken(world, `${local.id}=${at?.start ?? ""}`, protocol);
}

/** The protocol that every value of a type follows. Undefined where it is not known of all of them. */
export function protocolOfType(models: Models, type: TypeKey | undefined): Protocol | undefined {
  if (type?.kind === "union") {
    const [first, ...others] = type.members.map((member) => protocolOfType(models, member));
    return others.every((other) => other === first) ? first : undefined;
  }
  if (type?.kind !== "named") return undefined;
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
