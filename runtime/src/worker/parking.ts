import { availableParallelism } from "./node.js";
import { endSlot, type Limits, type Slot, startSlot } from "./slot.js";

/** Idle workers; each takes some 10 MB, so there are not many, and those nobody needed for a while are ended. */
const parked: { readonly slot: Slot; readonly since: number }[] = [];
/**
 * How many workers are parked at most, whatever there are cores: as many threads as that may start at once, again and
 * again. To start a worker takes a thousand times as long as to wake one.
 */
const leastParked = 64;
let maxParked: number | undefined;
/** Milliseconds that a worker stays parked. */
const patience = 10_000;
let sweeping: NodeJS.Timeout | undefined;

/** A worker for a closure: a parked one, or a new one. @throws SpawnError */
export function takeSlot(limits: Limits, name: string | undefined): Slot {
  const last = parked.at(-1)?.slot;
  if (last === undefined || last.ended || !isLike(last.limits, limits)) return takeOther(limits, name);
  parked.pop();
  return last;
}

function takeOther(limits: Limits, name: string | undefined): Slot {
  const at = parked.findLastIndex(({ slot }) => !slot.ended && isLike(slot.limits, limits));
  const [found] = at < 0 ? [] : parked.splice(at, 1);
  return found?.slot ?? startSlot(limits, name);
}

function isLike(one: Limits, other: Limits): boolean {
  return one.stackSize === other.stackSize && one.maxHeap === other.maxHeap;
}

/** Keeps an idle worker for the next closure. */
export function parkSlot(slot: Slot): void {
  if (slot.ended) return;
  maxParked ??= Math.max(leastParked, 2 * availableParallelism());
  if (parked.length >= maxParked) {
    endSlot(slot);
    return;
  }
  parked.push({ slot, since: performance.now() });
  if (sweeping === undefined) sweeping = setTimeout(sweep, patience).unref();
}

/** Ends the workers that were parked for long; the last one taken is the last one in, so the oldest come first. */
function sweep(): void {
  sweeping = undefined;
  const limit = performance.now() - patience;
  const old = parked.filter(({ since }) => since <= limit);
  for (const idle of old) {
    parked.splice(parked.indexOf(idle), 1);
    endSlot(idle.slot);
  }
  if (parked.length > 0) sweeping = setTimeout(sweep, patience).unref();
}
