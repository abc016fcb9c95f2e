/**
 * Threads: starting them, joining them, and what a thread may ask of itself.
 *
 * @module
 */
export { type SendRegistration, send } from "../transport/sendable.js";
export { Builder } from "./builder.js";
export { type DetachOptions, JoinHandle } from "./joinHandle.js";
export { local, panicking, ThreadLocal } from "./local.js";
export { type PanicHook, setPanicHook } from "./panicHook.js";
export { park, parkSync, parkTimeout, parkTimeoutSync } from "./park.js";
export { Scope, scope } from "./scope.js";
export { signal } from "./signal.js";
export { spawn } from "./spawn.js";
export { current, Thread } from "./thread.js";
export { availableParallelism, type SleepOptions, sleep, sleepSync, yieldNow } from "./time.js";
