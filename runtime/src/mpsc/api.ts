/**
 * Channels: what one thread sends, another one receives, once and in order.
 *
 * @module
 */
export { channel, Sender } from "./channel.js";
export { Receiver } from "./receiver.js";
export { SyncSender, syncChannel } from "./syncChannel.js";
