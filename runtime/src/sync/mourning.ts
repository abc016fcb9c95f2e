import { deaths } from "../worker/ledger.js";
import { nextDeath } from "../worker/places.js";
import { whileBlocked } from "../worker/vigil.js";

/** What somebody waits for that dead threads may have held. */
interface Mourner {
  lookAfter?(): void;
}

/** Those for whom this thread waits now, and how often. */
const mourners = new Map<Mourner, number>();
/** How many deaths they were told of. */
let told = 0;
let isListening = false;

/**
 * Has something that this thread waits for looked after now, and whenever threads were killed, until the function that it
 * gives is called.
 */
export function mourn(mourner: Mourner): () => void {
  if (mourner.lookAfter === undefined) return nothing;
  if (mourners.size === 0) told = deaths();
  if (deaths() > 0) mourner.lookAfter();
  mourners.set(mourner, (mourners.get(mourner) ?? 0) + 1);
  return () => {
    const times = mourners.get(mourner) ?? 0;
    if (times > 1) mourners.set(mourner, times - 1);
    else mourners.delete(mourner);
  };
}

function nothing(): void {}

/** As {@link mourn}, where the thread does not block. */
export function mournAsync(mourner: Mourner): () => void {
  const leave = mourn(mourner);
  if (!isListening && mourners.size > 0) void listen();
  return leave;
}

/** One listens for all, as a thread that listens to each death by itself would be woken as often as it waits. */
async function listen(): Promise<void> {
  isListening = true;
  while (mourners.size > 0) {
    await nextDeath(told);
    tell();
  }
  isListening = false;
}

function tell(): void {
  const now = deaths();
  if (now === told) return;
  told = now;
  for (const mourner of mourners.keys()) mourner.lookAfter?.();
}

whileBlocked(tell);
