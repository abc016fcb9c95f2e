/** The functions into which one analysis looks, by what their declarations are called elsewhere. */
import type { BodyId, Module } from "../mir/mir.js";
import type { SymbolKey } from "../program/program.js";
import { onlyImplementation } from "./implementations.js";

export interface Entry {
  readonly module: Module;
  readonly body: BodyId;
}

export interface Entries {
  /** The files that declare them. */
  readonly modules: ReadonlyMap<string, Module>;
  get(symbol: SymbolKey): Entry | undefined;
}

export function createEntries(files: Iterable<Module>): Entries {
  const modules = new Map<string, Module>();
  // Symbols have the compiler's writing of a path.
  for (const module of files) for (const file of functionsOf(module).files) modules.set(file, module);
  return {
    modules,
    get(symbol) {
      const module = modules.get(symbol.file);
      const body =
        module === undefined
          ? undefined
          : (functionsOf(module).bodies.get(keyOf(symbol)) ?? onlyImplementation(module, symbol));
      return module === undefined || body === undefined ? undefined : { module, body };
    },
  };
}

/** A declaration is found again by where its name stands. */
export function keyOf({ file, name, offset }: SymbolKey): string {
  return offset === undefined ? `${file}:${name}` : `${file}:${offset}`;
}

/** The name by which a function is found that has none of its own: the file's writing, and where it begins. */
export function closureKey(module: Module, id: BodyId): SymbolKey | undefined {
  const body = module.bodies[id];
  if (body === undefined || body.symbol !== undefined) return body?.symbol;
  const [file] = functionsOf(module).files;
  return file === undefined
    ? undefined
    : { package: undefined, file, name: `@${body.spans.whole.start}`, offset: undefined };
}

interface Functions {
  readonly files: ReadonlySet<string>;
  readonly bodies: ReadonlyMap<string, BodyId>;
}

const functions = new WeakMap<Module, Functions>();

/** The functions that a file declares. Worked out once, though each file that calls one asks. */
function functionsOf(module: Module): Functions {
  const known = functions.get(module) ?? findFunctions(module);
  functions.set(module, known);
  return known;
}

function findFunctions(module: Module): Functions {
  const files = new Set<string>();
  const bodies = new Map<string, BodyId>();
  const note = (symbol: SymbolKey, body: BodyId): void => {
    files.add(symbol.file);
    bodies.set(keyOf(symbol), body);
  };
  for (const { symbol, id } of module.bodies) if (symbol !== undefined) note(symbol, id);
  for (const { symbol, function: body } of module.locals) {
    if (body !== undefined && symbol !== undefined) note(symbol, body);
  }
  const [file] = files;
  for (const { symbol, id, spans } of module.bodies)
    if (symbol === undefined && file !== undefined) bodies.set(`${file}:@${spans.whole.start}`, id);
  return { files, bodies };
}
