// What `mpsc.` offers.
export { channel, Sender } from "./channel.js";
export { Receiver } from "./receiver.js";
export { SyncSender, syncChannel } from "./syncChannel.js";
