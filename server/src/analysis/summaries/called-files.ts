/** Which files a file's calls lead into: what has to be read before its summaries can be made. */
import type { Module, Operand } from "../mir/mir.js";
import type { TypeKey } from "../program/program.js";
import { indexModule, onlyDefinition } from "../threads/walk.js";

/** A function of another file of the project. */
export interface CalledFunction {
  readonly file: string;
  readonly name: string;
  /** It is given texts, numbers and the like only, in all of its calls: nothing that could be tracked. */
  readonly plainly: boolean;
  /** Some call gives it what a thread library has made. */
  readonly threaded: boolean;
}

const called = new WeakMap<Module, readonly CalledFunction[]>();

/**
 * What `module` calls of the project's other files. Worked out once.
 *
 * @param packages The thread libraries.
 */
export function calledFunctions(module: Module, packages: ReadonlySet<string>): readonly CalledFunction[] {
  const functions = called.get(module) ?? findCalledFunctions(module, packages);
  called.set(module, functions);
  return functions;
}

function findCalledFunctions(module: Module, packages: ReadonlySet<string>): readonly CalledFunction[] {
  const found = new Map<string, CalledFunction>();
  let importsLater = false;
  for (const { call } of indexModule(module).calls) {
    const { symbol, args, form } = call;
    importsLater ||= form === "import";
    if (symbol === undefined || symbol.package !== undefined || symbol.file === module.file) continue;
    const { file, name } = symbol;
    const key = `${file}:${name}`;
    const before = found.get(key);
    const plainly = (before?.plainly ?? true) && args.every(({ value }) => isPlain(module, value));
    const threaded = before?.threaded || args.some(({ value }) => isThreaded(module, packages, value));
    found.set(key, { file, name, plainly, threaded });
  }
  // What a thread imports by itself is run anew there, and what that imports in turn.
  return importsLater ? [...found.values()].map((one) => ({ ...one, plainly: false })) : [...found.values()];
}

/** A value that is neither tracked nor holds anything that is. */
function isPlain(module: Module, operand: Operand): boolean {
  if (operand.kind === "constant") return true;
  if (operand.kind !== "place" || operand.place.path.length > 0) return false;
  return module.locals[operand.place.base]?.type?.kind === "primitive";
}

/** A value of a thread library's, or an array of such, as far as its type or the call that made it tells. */
function isThreaded(module: Module, packages: ReadonlySet<string>, operand: Operand): boolean {
  if (operand.kind !== "place" || operand.place.path.length > 0) return false;
  const { base } = operand.place;
  const local = module.locals[base];
  if (local?.type !== undefined) return isOfPackages(local.type, packages);
  const made = local?.kind === "temp" || local?.kind === "const" ? onlyDefinition(module, base)?.step.value : undefined;
  return made?.kind === "call" && made.symbol?.package !== undefined && packages.has(made.symbol.package);
}

function isOfPackages(type: TypeKey, packages: ReadonlySet<string>): boolean {
  switch (type.kind) {
    case "named":
      return type.symbol.package !== undefined && packages.has(type.symbol.package);
    case "array":
      return isOfPackages(type.element, packages);
    case "union":
      return type.members.some((member) => isOfPackages(member, packages));
    default:
      return false;
  }
}

/**
 * The project's own files that declare something which `module` hands to a call: a function that is spawned by name.
 *
 * @param packages The thread libraries. Only calls of theirs and of the project's own functions count.
 */
export function handedFiles(module: Module, packages: ReadonlySet<string>): string[] {
  const files = new Set<string>();
  for (const { call } of indexModule(module).calls) {
    const { symbol, args } = call;
    if (symbol?.package !== undefined && !packages.has(symbol.package)) continue;
    for (const { value } of args) {
      if (value.kind !== "item" || value.symbol === undefined || value.symbol.package !== undefined) continue;
      if (value.symbol.file !== module.file) files.add(value.symbol.file);
    }
  }
  return [...files];
}
