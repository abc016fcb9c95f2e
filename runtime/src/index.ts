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
export { Err, Ok, type Result } from "./result.js";
export * as thread from "./thread/api.js";
export type { JoinHandle } from "./thread/joinHandle.js";
export type { Scope } from "./thread/scope.js";
export { type ThreadEvent, threadChannel } from "./trace/trace.js";
export { type Moved, move } from "./transport/move.js";
export type { NotSendable, Sendable } from "./transport/types.js";
