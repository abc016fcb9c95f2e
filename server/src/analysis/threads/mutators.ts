/** Methods of the default library that change what they are called on, and what of it they change. */
import type { Call } from "../mir/mir.js";

/** `order`: the elements, but not how many there are. */
export type Changed = "everything" | "order";

const everything: Readonly<Record<string, readonly string[]>> = {
  Array: ["push", "pop", "shift", "unshift", "splice"],
  Map: ["set", "delete", "clear"],
  Set: ["add", "delete", "clear"],
};

const order = ["sort", "reverse", "fill", "copyWithin"];

const typedArray = /^(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array$/;

/** What a method call changes of its receiver; undefined where it changes nothing, or nothing is known of it. */
export function changedByCall(call: Call): Changed | undefined {
  const { symbol, receiver } = call;
  if (symbol?.package !== "typescript" || receiver === undefined) return undefined;
  const [owner = "", method = ""] = symbol.name.split(".");
  if (everything[owner]?.includes(method) === true) return "everything";
  if ((owner === "Array" || typedArray.test(owner)) && order.includes(method)) return "order";
  if (typedArray.test(owner) && method === "set") return "order";
  return owner === "Date" && method.startsWith("set") ? "everything" : undefined;
}

/** The name of the global that is called, such as `Object.assign`; undefined where something else is called. */
export function globalName({ callee }: Call): string | undefined {
  return callee.kind === "item" && callee.local === undefined ? callee.name : undefined;
}

/** Whether the call is `Object.assign`, which changes its first argument. */
export function isObjectAssign(call: Call): boolean {
  return globalName(call) === "Object.assign";
}

/** Whether the name is one of the default library's typed arrays. */
export function isTypedArrayName(name: string): boolean {
  return typedArray.test(name);
}
