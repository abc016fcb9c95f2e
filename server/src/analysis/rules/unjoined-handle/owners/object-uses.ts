/** What is done with an object that owns a thread, where it is used. */
import type { Body, Call, Module } from "../../../mir/mir.js";
import type { Use } from "../../../threads/walk.js";
import { declarationOf } from "./class-members.js";
import { type Doing, isDropped, nothing, type OwningClass } from "./owning-class.js";

/** Undefined where other code gets the object, or what is done with it is not known. */
export function doingWith(of: OwningClass, module: Module, { place, access, step, span }: Use): Doing | undefined {
  const [field] = place.path;
  if (field === undefined) {
    if (step?.kind === "end-scope") return nothing;
    const call = step?.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
    const { symbol, receiver, method } = call ?? {};
    if (receiver?.kind !== "place" || receiver.span !== span || method === undefined) return undefined;
    const member = of.member(method);
    if (member === undefined || !isCalledBy(of, member, symbol)) return undefined;
    const does = of.does(member);
    return does.returnsSelf && !isDropped(module, step) ? undefined : does;
  }
  if (field.kind !== "field" || of.owned.has(field.name)) return undefined;
  const member = of.member(field.name);
  if (of.inner.has(field.name) || (access === "write" && member !== undefined && member.kind !== "setter"))
    return undefined;
  const does = member === undefined ? nothing : of.does(member);
  return does.returnsSelf ? undefined : does;
}

/** Of an object that is written out it is known which function a name has, by whatever type it is seen. */
function isCalledBy({ module, variables }: OwningClass, member: Body, symbol: Call["symbol"]): boolean {
  return variables.size > 0 || declarationOf(module, member).symbol?.name === symbol?.name;
}
