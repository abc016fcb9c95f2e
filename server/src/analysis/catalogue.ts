/** Every rule there is, in the order in which documentation and settings list them. */
import { captureWithoutMove } from "./rules/capture-without-move/rule.js";
import { notSendable } from "./rules/not-sendable/rule.js";
import type { Rule } from "./rules/rule.js";
import { sharedMutableWithoutMutex } from "./rules/shared-mutable-without-mutex/rule.js";
import { unjoinedHandle } from "./rules/unjoined-handle/rule.js";

export const catalogue: readonly Rule[] = [unjoinedHandle, captureWithoutMove, sharedMutableWithoutMutex, notSendable];
