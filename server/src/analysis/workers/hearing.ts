/** What the code that starts a worker does with it: whom its messages and its end reach. */
import type { Facts } from "../facts.js";
import type { LocalId, Module, Operand, Step } from "../mir/mir.js";
import { roleOf } from "../models/roles.js";
import { indexModule, type Use } from "../threads/walk.js";

export type WorkerUse =
  | { readonly kind: "listens"; readonly event: string; readonly handler: Operand; readonly step: Step }
  /** It is posted to, or kept alive. */
  | { readonly kind: "posts" };

/** A worker in a variable, and all that is done with it. */
export interface HeardWorker {
  readonly worker: LocalId;
  readonly uses: readonly WorkerUse[];
}

/** Undefined where code that is not seen may hear of the worker, or end it. */
export function heardWorker({ module, models }: Facts, made: Step): HeardWorker | undefined {
  const names = namesOf(module, made);
  const worker = [...names].find((id) => module.locals[id]?.kind !== "temp");
  if (worker === undefined) return undefined;
  const uses: WorkerUse[] = [];
  for (const name of names) {
    for (const use of indexModule(module).uses.get(name) ?? []) {
      const found = useOf({ module, models }, names, use);
      if (found === "unknown") return undefined;
      if (found !== "none") uses.push(found);
    }
  }
  return { worker, uses };
}

/** The variable that holds the worker for good, with the temporary that it comes from. */
function namesOf(module: Module, made: Step): ReadonlySet<LocalId> {
  if (made.kind !== "assign" || made.to.path.length > 0) return new Set();
  const names = new Set([made.to.base]);
  for (const { step } of indexModule(module).uses.get(made.to.base) ?? []) {
    const isName = step?.kind === "assign" && step.value.kind === "use" && step.to.path.length === 0 && step.declares;
    if (isName) names.add(step.to.base);
  }
  const fixed = [...names].every((id) => module.locals[id]?.reassigned === false && !module.locals[id]?.exported);
  return fixed ? names : new Set();
}

function useOf(
  { module, models }: Pick<Facts, "module" | "models">,
  names: ReadonlySet<LocalId>,
  { step, place, access }: Use,
): WorkerUse | "none" | "unknown" {
  if (step?.kind === "end-scope") return "none";
  if (step?.kind !== "assign") return "unknown";
  const [field] = place.path;
  if (access === "write" && field === undefined) return "none";
  if (access === "write") {
    const event = field?.kind === "field" ? /^on(\w+)$/.exec(field.name)?.[1] : undefined;
    if (event === undefined || step.value.kind !== "use") return "unknown";
    return { kind: "listens", event, handler: step.value.operand, step };
  }
  if (step.value.kind === "use") return step.to.path.length === 0 && names.has(step.to.base) ? "none" : "unknown";
  if (step.value.kind !== "call" || place.path.length > 0) return "unknown";
  const { receiver, args } = step.value;
  if (!isWhole(receiver, place.base) || args.some(({ value }) => isWhole(value, place.base))) return "unknown";
  const role = roleOf(module, models, step.value);
  if (role?.kind === "post" || role?.kind === "borrow") return { kind: "posts" };
  // What it returns is the worker again: `worker.once("message", resolve).once("error", reject)`.
  const chained = indexModule(module).uses.get(step.to.base) ?? [];
  if (chained.some((use) => use.step !== step && use.step?.kind !== "discard")) return "unknown";
  const [event, handler] = args;
  if (role?.kind !== "listen" || event?.value.kind !== "constant" || handler === undefined) return "unknown";
  return { kind: "listens", event: String(event.value.value), handler: handler.value, step };
}

function isWhole(operand: Operand | undefined, local: LocalId): boolean {
  return operand?.kind === "place" && operand.place.base === local && operand.place.path.length === 0;
}
