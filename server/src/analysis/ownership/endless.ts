/** Loops that wait for the end of a channel which their own function keeps open. */
import { successors } from "../flow/graph.js";
import { readBy } from "../flow/operands.js";
import type { BlockId, Operand } from "../mir/mir.js";
import type { Frame } from "./engine.js";
import { receiverProtocol, senderProtocol } from "./protocols.js";
import { evaluateOperand } from "./transfer.js";
import { directTokens, type TokenId } from "./value.js";
import { reachable, read, type Token, type World } from "./world.js";

/**
 * Control leaves a loop over a receiver since there are no more messages: then no sender is left, or it does not get here.
 * A loop that can be left otherwise, or that has something to do with the sender itself, is not judged.
 */
export function noteEnd(frame: Frame, world: World, head: BlockId, condition: Operand): void {
  const loop = frame.info.body.blocks[head]?.loop;
  // An async function that is called here and not awaited runs side by side with what drops the sender.
  if (!frame.reports || loop?.kind !== "for-await" || frame.stack.length > 1) return;
  const key = `${frame.info.body.id}:${head}`;
  const { engine } = frame;
  for (const id of directTokens(evaluateOperand(frame, world, condition))) {
    const receiver = world.tokens.get(id);
    if (receiver?.protocol !== receiverProtocol || receiver.channel === undefined) continue;
    const open = openSender(frame, world, head, receiver.channel);
    const site = open === undefined ? undefined : engine.sites.get(open.site);
    if (site === undefined || hasOtherExit(frame, head)) engine.ending.add(key);
    else engine.endless.set(key, { body: frame.info.body.id, loop, operand: condition, sender: site });
  }
}

/** A sender that nobody but this function can drop. */
function openSender(frame: Frame, world: World, head: BlockId, channel: string): Token | undefined {
  for (const [id, token] of world.tokens) {
    if (token.protocol !== senderProtocol || token.channel !== channel) continue;
    if (token.state === senderProtocol.initial && !isMentioned(frame, world, head, id)) return token;
  }
  return undefined;
}

/** Whether the loop does something with the value. */
function isMentioned({ info }: Frame, world: World, head: BlockId, token: TokenId): boolean {
  const steps = [...(info.loops.get(head) ?? [])].flatMap((id) => info.body.blocks[id]?.steps ?? []);
  return steps.some((step) =>
    readBy(step).some(
      (operand) => operand.kind === "place" && reachable(world, [read(world, operand.place)]).has(token),
    ),
  );
}

/** `break`, `return` or `throw` in the loop. */
function hasOtherExit({ info }: Frame, head: BlockId): boolean {
  const members = info.loops.get(head) ?? new Set();
  return [...members].some((id) => {
    const block = info.body.blocks[id];
    if (id === head || block === undefined) return false;
    return (
      block.end.kind === "return" || successors({ ...block, unwind: undefined }).some((next) => !members.has(next))
    );
  });
}
