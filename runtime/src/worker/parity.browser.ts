// Checked by the compiler, never run: each module for browsers exports what the one for Node does.
import * as self from "../thread/self.browser.js";
import type * as nodeSelf from "../thread/self.js";
import * as entry from "./entry.browser.js";
import type * as nodeEntry from "./entry.js";
import * as node from "./node.browser.js";
import type * as nodeNode from "./node.js";
import * as position from "./position.browser.js";
import type * as nodePosition from "./position.js";

entry satisfies Record<keyof typeof nodeEntry, unknown>;
node satisfies Record<Exclude<keyof typeof nodeNode, "MessagePort">, unknown>; // Of which only the type is used.
position satisfies Record<keyof typeof nodePosition, unknown>;
self satisfies Record<keyof typeof nodeSelf, unknown>;
