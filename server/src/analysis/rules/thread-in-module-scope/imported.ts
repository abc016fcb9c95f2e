/** Which files a thread's function imports, as far as the specifiers say. */
import type { Span } from "../../diagnostic.js";
import type { Call, Module, Operand } from "../../mir/mir.js";
import type { ThreadStart } from "../../threads/starts.js";
import { callsWithin } from "../../threads/walk.js";

export interface Reimport {
  readonly module: Module;
  readonly span: Span;
  /** The file between, where that is what imports the module. */
  readonly through: string | undefined;
}

/** Where the thread imports the module that starts it: itself, or a file of the project that does. */
export function reimportBy(
  module: Module,
  start: ThreadStart,
  modules: ReadonlyMap<string, Module>,
): Reimport | undefined {
  const { closure, moved } = start;
  for (const { call } of callsWithin(closure.module, closure.body.id)) {
    if (call.form !== "import") continue;
    const target = call.args[0]?.value;
    if (target === undefined) continue;
    const found = { module: closure.module, span: call.spans.whole };
    if (isOwnUrl(moved, target) && closure.module === module) return { ...found, through: undefined };
    if (target.kind !== "constant" || typeof target.value !== "string") continue;
    if (names(closure.module.file, target.value, module.file)) return { ...found, through: undefined };
    const between = [...modules.values()].find((each) => names(closure.module.file, target.value as string, each.file));
    if (between !== undefined && imports(between, module.file, modules, new Set([closure.module.file])))
      return { ...found, through: String(target.value) };
  }
  return undefined;
}

/** The parameter that `import.meta.url` arrives in. */
function isOwnUrl(moved: ThreadStart["moved"], target: Operand): boolean {
  if (target.kind !== "place" || target.place.path.length > 0) return false;
  return (moved ?? []).some(
    ({ argument, param }) =>
      param?.arrives === target.place.base &&
      argument.value.kind === "item" &&
      argument.value.name === "import.meta.url",
  );
}

/** Whether importing a file imports another one, by what is written at its top. */
function imports(from: Module, file: string, modules: ReadonlyMap<string, Module>, seen: Set<string>): boolean {
  if (seen.has(from.file)) return false;
  seen.add(from.file);
  return from.imports.some(({ specifier, typeOnly, names: bound }) => {
    if (typeOnly || (bound.length > 0 && bound.every(({ local }) => from.locals[local]?.typeOnly))) return false;
    if (names(from.file, specifier, file)) return true;
    const next = [...modules.values()].find((each) => names(from.file, specifier, each.file));
    return next !== undefined && imports(next, file, modules, seen);
  });
}

/** Whether a relative specifier in the file `from` means `file`; what is written `.js` can be `.ts`. */
function names(from: string, specifier: string, file: string): boolean {
  if (!/^\.\.?\//.test(specifier)) return false;
  return withoutExtension(resolved(specifier, from)) === withoutExtension(resolved("", file)) && isSource(specifier);
}

function isSource(specifier: string): boolean {
  return !/\.(?:json|wasm|css|node)$/.test(specifier);
}

function resolved(specifier: string, from: string): string {
  return new URL(specifier, new URL(from.replace(/^\/?/, "/"), "file:")).pathname;
}

function withoutExtension(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, "");
}

/** `new URL(import.meta.url)`, `import.meta.url`, `__filename`, and the file's own name: a worker of the same file. */
export function isOwnFile({ text, file }: Module, { args }: Call): boolean {
  const [first] = args;
  if (first === undefined) return false;
  const written = text.slice(first.value.span.start, first.value.span.end).replace(/\s+/g, "");
  if (
    /^(?:newURL\(import\.meta\.url\)|fileURLToPath\(import\.meta\.url\)|import\.meta\.filename|__filename)$/.test(
      written,
    )
  )
    return true;
  const specifier = /^newURL\(["'](\.\.?\/[^"']+)["'],import\.meta\.url\)$/.exec(written)?.[1];
  return specifier !== undefined && names(file, specifier, file);
}
