import type { HeldLock } from "../../locks/held.js";
import type { LockUse } from "../../locks/uses.js";

/** Why whoever has a lock does not get it. */
export function noteOn(use: LockUse, held: Pick<HeldLock, "access">): string {
  if (held.access === "counted") return "there is one permit, and whoever has it waits for it like everybody else";
  if (use.access === "shared") return "whoever holds a lock to write keeps out all readers, itself too";
  if (held.access === "shared") return "whoever wants to write waits until nobody reads, and this reader is among them";
  return "a lock does not know who holds it: its holder waits like everybody else";
}
