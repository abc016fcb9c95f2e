/** Every rule there is, in the order of their names in `rules/names.ts`. */

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
import { type RuleName, ruleNames } from "./rules/names.js";
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

const rules: Readonly<Record<RuleName, Rule>> = {
  "blocking-main-thread": blockingMainThread,
  "capture-without-move": captureWithoutMove,
  "condvar-wait-without-loop": condvarWaitWithoutLoop,
  "copied-not-moved": copiedNotMoved,
  "double-lock": doubleLock,
  "guard-across-await": guardAcrossAwait,
  "guard-dropped-at-once": guardDroppedAtOnce,
  "guard-not-released": guardNotReleased,
  "ignored-join-result": ignoredJoinResult,
  "join-holding-lock": joinHoldingLock,
  "join-in-spawn-loop": joinInSpawnLoop,
  "lock-order": lockOrder,
  "not-sendable": notSendable,
  "sender-never-dropped": senderNeverDropped,
  "shared-mutable-without-mutex": sharedMutableWithoutMutex,
  "stack-size-out-of-range": stackSizeOutOfRange,
  "thread-in-module-scope": threadInModuleScope,
  "unbounded-spawn": unboundedSpawn,
  "unjoined-handle": unjoinedHandle,
  "unnecessary-move": unnecessaryMove,
  "use-after-move": useAfterMove,
};

export const catalogue: readonly Rule[] = ruleNames.map((name) => rules[name]);
