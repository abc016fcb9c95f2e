/** Every rule there is, in the order in which documentation and settings list them. */

import { blockingMainThread } from "./rules/blocking-main-thread/rule.js";
import { captureWithoutMove } from "./rules/capture-without-move/rule.js";
import { condvarWaitWithoutLoop } from "./rules/condvar-wait-without-loop/rule.js";
import { copiedNotMoved } from "./rules/copied-not-moved/rule.js";
import { doubleLock } from "./rules/double-lock/rule.js";
import { guardAcrossAwait } from "./rules/guard-across-await/rule.js";
import { guardDroppedAtOnce } from "./rules/guard-dropped-at-once/rule.js";
import { guardNotReleased } from "./rules/guard-not-released/rule.js";
import { ignoredJoinResult } from "./rules/ignored-join-result/rule.js";
import { joinHoldingLock } from "./rules/join-holding-lock/rule.js";
import { joinInSpawnLoop } from "./rules/join-in-spawn-loop/rule.js";
import { lockOrder } from "./rules/lock-order/rule.js";
import { notSendable } from "./rules/not-sendable/rule.js";
import type { Rule } from "./rules/rule.js";
import { senderNeverDropped } from "./rules/sender-never-dropped/rule.js";
import { sharedMutableWithoutMutex } from "./rules/shared-mutable-without-mutex/rule.js";
import { stackSizeOutOfRange } from "./rules/stack-size-out-of-range/rule.js";
import { threadInModuleScope } from "./rules/thread-in-module-scope/rule.js";
import { unboundedSpawn } from "./rules/unbounded-spawn/rule.js";
import { unjoinedHandle } from "./rules/unjoined-handle/rule.js";
import { unnecessaryMove } from "./rules/unnecessary-move/rule.js";
import { useAfterMove } from "./rules/use-after-move/rule.js";

export const catalogue: readonly Rule[] = [
  unjoinedHandle,
  captureWithoutMove,
  sharedMutableWithoutMutex,
  notSendable,
  useAfterMove,
  ignoredJoinResult,
  guardNotReleased,
  guardDroppedAtOnce,
  doubleLock,
  guardAcrossAwait,
  joinHoldingLock,
  lockOrder,
  condvarWaitWithoutLoop,
  blockingMainThread,
  senderNeverDropped,
  joinInSpawnLoop,
  stackSizeOutOfRange,
  unboundedSpawn,
  unnecessaryMove,
  copiedNotMoved,
  threadInModuleScope,
];
