/** What a call means to the models. */
import type { Call, LocalId, Module, Operand, Step } from "../mir/mir.js";
import type { SymbolKey } from "../program/program.js";
import type { Models, Role } from "./model.js";

/**
 * The role of what a call calls: by its declaration, through variables that hold the callable (`const sp = thread.spawn;
 * sp(f)`), or for a global of the language by its name.
 */
export function roleOf(module: Module, models: Models, call: Call): Role | undefined {
  const roles = rolesIn(module, models);
  const known = roles.get(call);
  if (known !== undefined) return known === "none" ? undefined : known;
  const role = findRole(module, models, call);
  roles.set(call, role ?? "none");
  return role;
}

/** The engine asks of each call once for each way that leads to it. */
type Roles = Map<Call, Role | "none">;

const rolesOf = new WeakMap<Models, WeakMap<Module, Roles>>();

/** Mostly the same module is asked about again. */
let last: { readonly module: Module; readonly models: Models; readonly roles: Roles } | undefined;

function rolesIn(module: Module, models: Models): Roles {
  if (last?.module === module && last.models === models) return last.roles;
  const modules = rolesOf.get(models) ?? new WeakMap<Module, Roles>();
  rolesOf.set(models, modules);
  const roles: Roles = modules.get(module) ?? new Map();
  modules.set(module, roles);
  last = { module, models, roles };
  return roles;
}

function findRole(module: Module, models: Models, call: Call): Role | undefined {
  const form = call.form === "new" ? "new" : "call";
  if (form === "new" && bundledWorker(module, call) !== undefined) return { kind: "worker", host: "web" };
  const direct = call.symbol === undefined ? undefined : models.callable(call.symbol, form);
  if (direct !== undefined) return direct;
  const item = itemOf(module, call.callee, maxNames);
  const named = item === undefined ? undefined : models.callable(item, form);
  if (named !== undefined || call.symbol !== undefined) return named;
  return call.callee.kind === "item" && call.callee.local === undefined
    ? models.callable(globalKey(call.callee.name), form)
    : undefined;
}

/**
 * The file of the worker that `import Hasher from "./hasher?worker"` makes a class of, as Vite has it.
 *
 * Source: https://vite.dev/guide/features.html#import-with-query-suffixes
 */
export function bundledWorker({ imports }: Module, { callee }: Call): string | undefined {
  if (callee.kind !== "item" || callee.local === undefined) return undefined;
  const from = imports.find(({ names }) => names.some(({ local }) => local === callee.local));
  return from === undefined ? undefined : /^(\.\.?\/[^?]+)\?worker\b/.exec(from.specifier)?.[1];
}

/** A callable has at most this many further names. */
const maxNames = 4;

/** The declaration an operand stands for, where it is an import or a variable that only ever holds one. */
function itemOf(module: Module, operand: Operand, depth: number): SymbolKey | undefined {
  if (operand.kind === "item") return operand.symbol ?? importedKey(module, operand);
  if (operand.kind !== "place" || depth === 0) return undefined;
  const { base, path } = operand.place;
  const [field] = path;
  if (path.length === 1 && field?.kind === "field") return requiredKey(module, base, field.name);
  const held = path.length === 0 ? namesOf(module).get(base) : undefined;
  return held === undefined ? undefined : itemOf(module, held, depth - 1);
}

/** What is imported from a module that the type checker does not find, by the module's name. */
function importedKey(module: Module, { local, name }: Operand & { readonly kind: "item" }): SymbolKey | undefined {
  if (local === undefined) return undefined;
  for (const { specifier, names } of module.imports) {
    const found = names.find((each) => each.local === local);
    if (found === undefined || specifier.startsWith(".")) continue;
    const rest = name.split(".").slice(1);
    const path = found.imported === "*" ? rest : [found.imported, ...rest];
    return { package: specifier, file: "", name: path.join("."), offset: undefined };
  }
  return undefined;
}

/** `require("worker_threads").Worker`, where the type checker takes `require` for any function. */
function requiredKey(module: Module, local: LocalId, name: string): SymbolKey | undefined {
  const specifier = requiresOf(module).get(local);
  return specifier === undefined ? undefined : { package: specifier, file: "", name, offset: undefined };
}

const required = new WeakMap<Module, ReadonlyMap<LocalId, string>>();

/** Which module each local is that only ever holds what `require` gave. */
function requiresOf(module: Module): ReadonlyMap<LocalId, string> {
  const before = required.get(module);
  if (before !== undefined) return before;
  const found = new Map<LocalId, string>();
  for (const step of module.bodies.flatMap(({ blocks }) => blocks.flatMap(({ steps }) => steps))) {
    if (step.kind !== "assign" || step.value.kind !== "call" || step.to.path.length > 0) continue;
    const { callee, args } = step.value;
    const specifier = args[0]?.value;
    const isRequire = callee.kind === "item" && callee.name === "require" && callee.local === undefined;
    if (!isRequire || module.locals[step.to.base]?.reassigned !== false) continue;
    if (specifier?.kind === "constant" && typeof specifier.value === "string") found.set(step.to.base, specifier.value);
  }
  required.set(module, found);
  return found;
}

function globalKey(name: string): SymbolKey {
  return { package: "typescript", file: "", name: `globalThis.${name}`, offset: undefined };
}

const known = new WeakMap<Module, ReadonlyMap<LocalId, Operand>>();

/** What a step gives another name: `const sp = thread.spawn`, and `thread.spawn.bind(thread)`, which is called in the same way. */
function namedBy({ locals }: Module, { declares, value, to }: Step & { readonly kind: "assign" }): Operand | undefined {
  if (value.kind === "use") return declares ? value.operand : undefined;
  if (value.kind !== "call" || value.method !== "bind" || value.form !== "call" || value.args.length > 1)
    return undefined;
  return declares || locals[to.base]?.kind === "temp" ? value.receiver : undefined;
}

/** What each local holds that is another name of an import, or of another local. */
function namesOf(module: Module): ReadonlyMap<LocalId, Operand> {
  const before = known.get(module);
  if (before !== undefined) return before;
  const names = new Map<LocalId, Operand>();
  for (const { blocks } of module.bodies) {
    for (const { steps } of blocks) {
      for (const step of steps) {
        if (step.kind !== "assign" || step.to.path.length > 0) continue;
        const operand = namedBy(module, step);
        if (operand === undefined) continue;
        const isName = operand.kind === "item" || (operand.kind === "place" && operand.place.path.length <= 1);
        if (isName && module.locals[step.to.base]?.reassigned === false) names.set(step.to.base, operand);
      }
    }
  }
  known.set(module, names);
  return names;
}
