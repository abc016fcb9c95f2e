/** Functions that are called by a method of their own: `f.call(self, a)`, `f.apply(self, [a])`, `Reflect.apply(f, self, [a])`. */
import type { Argument, Call, Operand } from "../mir/mir.js";
import { globalName } from "../threads/mutators.js";
import type { Engine } from "./engine.js";

const known = new WeakMap<Call, { readonly call: Call | undefined }>();

/** The plain call that such a call stands for. Undefined for all other calls, and for a list of arguments that is made elsewhere. */
export function plainCall(engine: Engine, call: Call): Call | undefined {
  const method = methodOf(call);
  if (method === undefined) return undefined;
  const before = known.get(call);
  if (before !== undefined) return before.call;
  const found = { call: findPlainCall(engine, call, method) };
  known.set(call, found);
  return found.call;
}

const methods: ReadonlySet<string> = new Set([
  "CallableFunction.call",
  "Function.call",
  "CallableFunction.apply",
  "Function.apply",
  "Reflect.apply",
]);

/** The method that calls another function. Hardly any call is of one. */
function methodOf(call: Call): string | undefined {
  const { symbol } = call;
  const name = symbol === undefined ? globalName(call) : symbol.package === "typescript" ? symbol.name : undefined;
  const method = name?.startsWith("globalThis.") ? name.slice("globalThis.".length) : name;
  return method !== undefined && methods.has(method) ? method : undefined;
}

function findPlainCall(engine: Engine, call: Call, method: string): Call | undefined {
  const { receiver, args, form } = call;
  if (form !== "call" || args.some(({ spread }) => spread)) return undefined;
  const [first, second, third] = args.map(({ value }) => value);
  switch (method) {
    case "CallableFunction.call":
    case "Function.call":
      return receiver && plain(call, receiver, first, args.slice(1));
    case "CallableFunction.apply":
    case "Function.apply":
      return receiver && plain(call, receiver, first, listedIn(engine, second));
    case "Reflect.apply":
      return first && plain(call, first, second, listedIn(engine, third));
    default:
      return undefined;
  }
}

function plain(
  call: Call,
  callee: Operand,
  receiver: Operand | undefined,
  args: readonly Argument[] | undefined,
): Call | undefined {
  if (args === undefined) return undefined;
  const symbol = callee.kind === "item" ? callee.symbol : undefined;
  return {
    ...call,
    symbol,
    callee,
    receiver: receiver?.kind === "constant" ? undefined : receiver,
    method: undefined,
    args,
  };
}

/** What stands in an array literal, where variables hold it: what only the array holds is nowhere else any more. */
function listedIn({ conditions, module }: Engine, operand: Operand | undefined): readonly Argument[] | undefined {
  if (operand === undefined) return [];
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const list = conditions.definition(operand.place.base);
  const isMade = ({ value }: Argument): boolean =>
    value.kind === "place" && module.locals[value.place.base]?.kind === "temp";
  return list?.kind === "array" && !list.elements.some(isMade) ? list.elements : undefined;
}
