import { MessageChannel } from "../worker/node.js";
import { ReceiveCore } from "./receiveCore.js";
import { newRing, openRing, word } from "./ring.js";
import { SendCore } from "./sendCore.js";

/** Both ends of a new channel. */
export function newEnds(bound: number): { readonly sending: SendCore; readonly receiving: ReceiveCore } {
  const ring = newRing(bound);
  const { port1, port2 } = new MessageChannel();
  const sender = 1;
  const receiver = 2;
  ring.words[word.ends] = receiver;
  const sending = new SendCore(ring, sender, [[receiver, port1]], 0);
  // A view of its own for each end: one may see the ring grow before the other.
  const receiving = new ReceiveCore(openRing(ring.memory), receiver, [{ end: sender, port: port2, bodies: [] }]);
  return { sending, receiving };
}
