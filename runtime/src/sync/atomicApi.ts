// What `atomic.` offers.
export { AtomicBool, AtomicI32, AtomicI64, AtomicU32 } from "./atomic.js";
