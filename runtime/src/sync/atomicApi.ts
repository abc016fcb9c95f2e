/**
 * Numbers and flags that threads change in one step, without a lock.
 *
 * @module
 */
export { AtomicBool, AtomicI32, AtomicI64, AtomicU32 } from "./atomic.js";
