/** What is taken out of containers in the turns of a loop. */
import type { Operand } from "../mir/mir.js";
import type { Frame } from "./engine.js";
import { handleProtocol } from "./protocols.js";
import type { At } from "./transfer.js";
import { type AbstractValue, nullish, tokensIn } from "./value.js";
import { happen, type World } from "./world.js";

/** Marks what is taken out of a container in a loop, so that the loop's end knows what it went over. */
export function noticeTaking(
  frame: Frame,
  world: World,
  operand: Operand,
  value: AbstractValue,
  at: At,
): AbstractValue {
  if (operand.kind !== "place" || !operand.place.path.some((step) => step.kind === "index")) return value;
  return takenByNumber(frame, world, value, at);
}

/** What is taken out of a container by a number, which may be that of the loop's turn. */
export function takenByNumber(frame: Frame, world: World, value: AbstractValue, at: At): AbstractValue {
  // The loop ends before there is no element.
  const taken = frame.info.counted.has(at.step)
    ? ofThisTurn(frame, world, { atoms: value.atoms, other: value.other & ~nullish }, at)
    : value;
  markTaken(frame, world, taken, at);
  return taken;
}

/** Of two handles that were made at one place, the first turn of a loop has the earlier one, and the second one the other. */
export function ofThisTurn({ info }: Frame, world: World, inside: AbstractValue, { block }: At): AbstractValue {
  const [one, other, ...others] = inside.atoms;
  const turn = `${info.body.id}:${info.innermost.get(block.id)}`;
  if (one?.kind !== "tracked" || other?.kind !== "tracked" || others.length > 0) return inside;
  const [a, b] = [world.tokens.get(one.token), world.tokens.get(other.token)];
  if (a?.protocol !== handleProtocol || a.site !== b?.site || a.parameter) return inside;
  // Keys are in order: `…#earlier` comes before `…#latest`.
  if (a.seen === turn && b.seen === turn) return inside;
  const isFirst = a.seen !== turn;
  world.tokens.set(other.token, { ...b, toCome: isFirst });
  return { atoms: [isFirst ? one : other], other: 0 };
}

export function markTaken(frame: Frame, world: World, value: AbstractValue, at: At): void {
  const head = frame.info.innermost.get(at.block.id);
  if (head === undefined) return;
  for (const id of tokensIn(value)) {
    const token = world.tokens.get(id);
    if (token === undefined) continue;
    // A second loop over what an earlier one left: between them they may well get all.
    if (token.skipped) happen(world, [id], "rule-out");
    else world.tokens.set(id, { ...token, seen: `${frame.info.body.id}:${head}` });
  }
}
