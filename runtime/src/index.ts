export {
  NotSendError,
  type PanicKind,
  PoisonError,
  RecvError,
  RecvTimeoutError,
  SendError,
  type SourcePosition,
  SpawnError,
  ThreadPanic,
  TryRecvError,
  TrySendError,
  UseAfterMoveError,
  WouldBlockError,
} from "./errors.js";
export * as mpsc from "./mpsc/api.js";
export type { Sender } from "./mpsc/channel.js";
export type { Receiver } from "./mpsc/receiver.js";
export type { SyncSender } from "./mpsc/syncChannel.js";
export { Err, Ok, type Result } from "./result.js";
export { Arc } from "./sync/arcType.js";
export * as atomic from "./sync/atomicApi.js";
export { Barrier, type BarrierWaitResult } from "./sync/barrier.js";
export { Condvar, type TimedWait } from "./sync/condvar.js";
export { drop } from "./sync/drop.js";
export { Mutex, type MutexGuard } from "./sync/mutex.js";
export { Once } from "./sync/once.js";
export { OnceLock } from "./sync/onceLock.js";
export { RwLock, type RwLockReadGuard, type RwLockWriteGuard } from "./sync/rwLock.js";
export { Semaphore, type SemaphorePermit } from "./sync/semaphore.js";
export type { WaitOptions } from "./sync/waiting.js";
export * as thread from "./thread/api.js";
export type { JoinHandle } from "./thread/joinHandle.js";
export { ThreadPool, type ThreadPoolOptions } from "./thread/pool.js";
export type { Scope } from "./thread/scope.js";
export {
  type ActivityEvent,
  activityChannel,
  type ThreadEvent,
  type ThreadFacts,
  threadChannel,
  type WaitedFor,
} from "./trace/trace.js";
export { type Moved, move } from "./transport/move.js";
export type { NotSendable, Send, Sendable, SendableResult } from "./transport/types.js";
