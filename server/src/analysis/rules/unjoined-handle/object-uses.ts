/** What is done with an object that owns a thread, where it is used. */
import type { Module } from "../../mir/mir.js";
import type { Use } from "../../threads/walk.js";
import { type Doing, isDropped, nothing, type OwningClass } from "./owning-class.js";

/** Undefined where other code gets the object, or what is done with it is not known. */
export function doingWith(of: OwningClass, module: Module, { place, step, span }: Use): Doing | undefined {
  const [field] = place.path;
  if (field === undefined) {
    if (step?.kind === "end-scope") return nothing;
    const call = step?.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
    const { symbol, receiver, method } = call ?? {};
    if (receiver?.kind !== "place" || receiver.span !== span || method === undefined) return undefined;
    const member = of.member(method);
    const does = member === undefined || member.symbol?.name !== symbol?.name ? undefined : of.does(member);
    return does?.returnsSelf && !isDropped(module, step) ? undefined : does;
  }
  if (field.kind !== "field" || of.owned.has(field.name)) return undefined;
  const member = of.member(field.name);
  const does = member === undefined ? nothing : of.does(member);
  return does.returnsSelf ? undefined : does;
}
