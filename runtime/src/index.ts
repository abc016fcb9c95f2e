export {
  NotSendError,
  type PanicKind,
  PoisonError,
  RecvError,
  SendError,
  type SourcePosition,
  SpawnError,
  ThreadPanic,
  TryRecvError,
  UseAfterMoveError,
  WouldBlockError,
} from "./errors.js";
export * as mpsc from "./mpsc/api.js";
export type { Sender } from "./mpsc/channel.js";
export type { Receiver } from "./mpsc/receiver.js";
export { Err, Ok, type Result } from "./result.js";
export { Arc } from "./sync/arcType.js";
export { drop } from "./sync/drop.js";
export { Mutex, type MutexGuard } from "./sync/mutex.js";
export * as thread from "./thread/api.js";
export type { JoinHandle } from "./thread/joinHandle.js";
export type { Scope } from "./thread/scope.js";
export { type ThreadEvent, threadChannel } from "./trace/trace.js";
export { type Moved, move } from "./transport/move.js";
export type { NotSendable, Sendable } from "./transport/types.js";
