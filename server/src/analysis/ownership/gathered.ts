/** New collections with the elements of others. */
import type { Operand } from "../mir/mir.js";
import type { CallParts } from "./calls.js";
import { allocate } from "./containers.js";
import { elementsOf } from "./contents.js";
import { objectId } from "./transfer.js";
import { type AbstractValue, eitherOf, tokensIn, unknown } from "./value.js";
import type { World } from "./world.js";

/** A new collection with these elements. */
export function collection({ frame, at }: CallParts, world: World, values: readonly AbstractValue[]): AbstractValue {
  const tracked = values.filter((value) => value.atoms.length > 0);
  // A collection made of what is not followed is not followed; an empty one may be filled yet.
  if (tracked.length === 0 && values.length > 0) return unknown;
  return allocate(world, objectId(frame, at), {
    fields: new Map(),
    elements: tracked.length === 0 ? undefined : eitherOf(tracked),
  });
}

/** What `concat` adds: the elements of an array, or the value itself. */
export function spread(world: World, value: AbstractValue): AbstractValue {
  const inside = elementsOf(world, value);
  return inside.atoms.length > 0 ? inside : value;
}

/** Remembers the variable of the container for messages. */
export function noteContainer(
  { frame }: CallParts,
  world: World,
  { container, values }: { readonly container: Operand | undefined; readonly values: readonly AbstractValue[] },
): void {
  if (container?.kind !== "place") return;
  const { base } = container.place;
  if (frame.engine.module.locals[base]?.name === undefined) return;
  for (const token of values.flatMap(tokensIn)) {
    const site = frame.engine.sites.get(world.tokens.get(token)?.site ?? "");
    if (site !== undefined) site.container ??= base;
  }
}
