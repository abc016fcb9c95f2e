/** Which element of an array a call is about, where the elements can be told from each other. */
import { numberOf } from "../threads/constants.js";
import { indexModule } from "../threads/walk.js";
import type { CallParts } from "./calls.js";
import { endOf, shuffle, takeAt } from "./containers.js";
import type { AbstractValue } from "./value.js";
import type { World } from "./world.js";

/** The call is made once: not in a turn of a loop, nor in a function that may be called again. */
export function isOnce({ frame, call, at }: CallParts): boolean {
  if (call.args.some(({ spread }) => spread)) return false;
  return frame.stack.length === 1 && !frame.info.innermost.has(at.block.id);
}

/** `pop()`, `shift()` and `at(-1)` of an array that is known element by element. */
export function takeOne(parts: CallParts, world: World): AbstractValue | undefined {
  const { call, receiver } = parts;
  const remove = call.method === "pop" ? "last" : call.method === "shift" ? "first" : "none";
  if (!isOnce(parts)) {
    if (remove !== "none") shuffle(world, receiver);
    return undefined;
  }
  const index = call.args[0]?.value;
  if (remove !== "none") return takeAt(world, receiver, { position: remove === "last" ? -1 : 0, remove });
  if (call.method !== "at" || index?.kind !== "constant" || typeof index.value !== "number") return undefined;
  return takeAt(world, receiver, { position: index.value, remove });
}

/** What `pop()`, `shift()`, `at(0)` and `at(-1)` give of an array that a loop has filled. */
export function takenEnd(parts: CallParts, world: World): AbstractValue | undefined {
  const { call, receiver, frame } = parts;
  if (!isOnce(parts)) return undefined;
  const index = call.args[0] && numberOf(frame.engine.module, call.args[0].value);
  const position = call.method === "pop" ? -1 : call.method === "shift" ? 0 : call.method === "at" ? index : undefined;
  if (position !== 0 && position !== -1) return undefined;
  return endOf(world, receiver, position === 0 ? "first" : "last", { remove: call.method !== "at" });
}

/** `find` gives one element and no more: the first stands for it where nothing else asks the array for one. */
export function oneFound(parts: CallParts, world: World): AbstractValue | undefined {
  const { call, receiver, frame } = parts;
  if (call.receiver?.kind !== "place" || call.receiver.place.path.length > 0 || !isOnce(parts)) return undefined;
  const uses = indexModule(frame.engine.module).uses.get(call.receiver.place.base) ?? [];
  const others = uses.filter(({ access, step, place, span }) => {
    const isFilled = step?.kind === "assign" && step.value.kind === "call" && step.value.method === "push";
    return (
      access !== "write" &&
      step?.kind !== "end-scope" &&
      place.path.length === 0 &&
      !isFilled &&
      span !== call.receiver?.span
    );
  });
  return others.length > 0 ? undefined : endOf(world, receiver, "first");
}

/** Without the first element, or with it alone, and the same for the last one: `slice(1)`, `slice(0, 1)`, `slice(0, -1)`, `slice(-1)`. */
export function partViewed(parts: CallParts, world: World): AbstractValue | undefined {
  const { call, receiver, frame } = parts;
  const isOwn = frame.stack.length === 1 && call.args.every(({ spread }) => !spread);
  if (call.method !== "slice" || call.args.length === 0 || !isOwn) return undefined;
  const bounds = call.args.map(({ value }) => numberOf(frame.engine.module, value)).join();
  const end = bounds === "1" || bounds === "-1" ? "last" : bounds === "0,1" || bounds === "0,-1" ? "first" : undefined;
  return end && endOf(world, receiver, end);
}
