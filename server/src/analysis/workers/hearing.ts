/** What the code that starts a worker does with it: whom its messages and its end reach. */
import type { Facts } from "../facts.js";
import type { Call, LocalId, Module, Operand, Place, Projection, Step } from "../mir/mir.js";
import type { Models, Role } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { indexModule, type Use } from "../threads/walk.js";

export type WorkerUse =
  | { readonly kind: "listens"; readonly event: string; readonly handler: Operand; readonly step: Step }
  /** It is posted to, or kept alive. */
  | { readonly kind: "posts"; readonly step: Step };

/** A worker in a variable or a private field, and all that is done with it. */
export interface HeardWorker {
  /** As code writes it: `worker`, `this.#worker`. */
  readonly name: string;
  readonly uses: readonly WorkerUse[];
}

/** What holds a worker. */
interface Holder {
  readonly name: string;
  readonly uses: readonly Use[];
  /** Undefined for another place; else what is reached from the worker there. */
  rest(place: Place): readonly Projection[] | undefined;
}

/** Undefined where code that is not seen may hear of the worker, or end it. */
export function heardWorker({ module, models }: Facts, made: Step): HeardWorker | undefined {
  const holder = holderOf(module, made);
  if (holder === undefined) return undefined;
  const uses: WorkerUse[] = [];
  for (const use of holder.uses) {
    const found = useOf({ module, models }, holder, use);
    if (found === "unknown") return undefined;
    if (found !== "none") uses.push(found);
  }
  return { name: holder.name, uses };
}

function holderOf(module: Module, made: Step): Holder | undefined {
  if (made.kind !== "assign") return undefined;
  const { base, path } = made.to;
  if (path.length === 0) return inVariable(module, base);
  const [field] = path;
  const isOwn = path.length === 1 && module.locals[base]?.kind === "this" && field?.kind === "field";
  return isOwn && isPrivate(module, field.name) ? inField(module, field.name) : undefined;
}

/** The variable that holds the worker for good, with the temporary that it comes from. */
function inVariable(module: Module, made: LocalId): Holder | undefined {
  const { uses } = indexModule(module);
  const names = new Set([made]);
  for (const { step } of uses.get(made) ?? []) {
    const isName = step?.kind === "assign" && step.value.kind === "use" && step.to.path.length === 0 && step.declares;
    if (isName) names.add(step.to.base);
  }
  const locals = [...names].flatMap((id) => module.locals[id] ?? []);
  if (locals.some(({ reassigned, exported }) => reassigned || exported)) return undefined;
  const name = locals.find(({ kind }) => kind !== "temp")?.name;
  if (name === undefined) return undefined;
  return {
    name,
    uses: [...names].flatMap((id) => uses.get(id) ?? []),
    rest: ({ base, path }) => (names.has(base) ? path : undefined),
  };
}

/** Only this file can name it: all objects of the class have their worker there. */
function inField(module: Module, name: string): Holder {
  const rest = ({ path: [field, ...deeper] }: Place): readonly Projection[] | undefined =>
    field?.kind === "field" && field.name === name ? deeper : undefined;
  const all = [...indexModule(module).uses.values()].flat();
  return { name: `this.${name}`, uses: all.filter(({ place }) => rest(place) !== undefined), rest };
}

/** `#worker`, or `private worker` of a file in which nothing else is called so. */
export function isPrivate({ text }: Module, name: string): boolean {
  if (name.startsWith("#")) return true;
  if (!/^[\w$]+$/.test(name)) return false;
  const written = name.replaceAll("$", "\\$");
  const declared = [
    ...text.matchAll(new RegExp(`\\bprivate\\s+(?:(?:readonly|static|declare|async)\\s+)*${written}\\b`, "g")),
  ];
  // By its name in a text, or out of a pattern, it is reached in ways that are not followed.
  return declared.length === 1 && !new RegExp(`["'\`]${written}["'\`]|[{,]\\s*${written}\\s*[,}:]`).test(text);
}

/** What a method of a worker means where no types tell of it. */
export function roleOfMethod(models: Models, { symbol, method }: Call): Role | undefined {
  if (symbol !== undefined || method === undefined) return undefined;
  const named = (library: string): Role | undefined =>
    models.callable({ package: library, file: "", name: `Worker.${method}`, offset: undefined }, "call");
  return named("node:worker_threads") ?? named("typescript");
}

function useOf(
  { module, models }: Pick<Facts, "module" | "models">,
  { rest }: Holder,
  { step, place, access }: Use,
): WorkerUse | "none" | "unknown" {
  if (step?.kind === "end-scope") return "none";
  if (step?.kind !== "assign") return "unknown";
  const path = rest(place) ?? [];
  const [field] = path;
  if (access === "write" && field === undefined) return "none";
  if (access === "write") {
    const event = field?.kind === "field" ? /^on(\w+)$/.exec(field.name)?.[1] : undefined;
    if (event === undefined || step.value.kind !== "use") return "unknown";
    return { kind: "listens", event, handler: step.value.operand, step };
  }
  if (step.value.kind === "use") return rest(step.to)?.length === 0 ? "none" : "unknown";
  if (step.value.kind !== "call" || path.length > 0) return "unknown";
  const { receiver, args } = step.value;
  const isWhole = (operand: Operand | undefined): boolean =>
    operand?.kind === "place" && rest(operand.place)?.length === 0;
  if (!isWhole(receiver) || args.some(({ value }) => isWhole(value))) return "unknown";
  const role = roleOf(module, models, step.value) ?? roleOfMethod(models, step.value);
  if (role?.kind === "post" || role?.kind === "borrow") return { kind: "posts", step };
  // What it returns is the worker again: `worker.once("message", resolve).once("error", reject)`.
  const chained = indexModule(module).uses.get(step.to.base) ?? [];
  if (chained.some((use) => use.step !== step && use.step?.kind !== "discard")) return "unknown";
  const [event, handler] = args;
  if (role?.kind !== "listen" || event?.value.kind !== "constant" || handler === undefined) return "unknown";
  return { kind: "listens", event: String(event.value.value), handler: handler.value, step };
}
