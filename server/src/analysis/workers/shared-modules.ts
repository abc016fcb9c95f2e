/** Objects of a module that both the code which starts a worker and the worker's file import: each thread has its own copy. */
import type { LocalId, Module } from "../mir/mir.js";
import { indexModule, type Use } from "../threads/walk.js";
import { filesAt, folderOf, normalized } from "./source-files.js";

type Modules = ReadonlyMap<string, Module>;

/** What one side changes and the other one only ever reads. */
export interface TwoCopies {
  /** Where the starter writes the field. */
  readonly change: Use;
  /** As the starter calls the field: `settings.verbose`. */
  readonly written: string;
  readonly worker: Module;
  /** Where the worker reads it. */
  readonly read: { readonly start: number; readonly end: number };
}

interface SharedName {
  readonly imported: string;
  readonly local: LocalId;
  readonly theirs: string;
  readonly path: string;
}

/** The paths of the module that a starter and a worker's file both import, where the starter changes what it exports. */
export function sharedModulePaths(module: Module, worker: Module): readonly string[] {
  const [name] = sharedNames(module, worker).filter(({ local }) => fieldWrites(module, local).length > 0);
  return name === undefined ? [] : filesAt(name.path, module);
}

/** @param workers The files of workers that the module starts. */
export function twoCopies(module: Module, workers: Iterable<Module>, modules: Modules): readonly TwoCopies[] {
  return [...workers].flatMap((worker) =>
    sharedNames(module, worker).flatMap((name) => {
      const owner = filesAt(name.path, module).flatMap((path) => modules.get(path) ?? [])[0];
      return owner !== undefined && isPlainOwner(owner, name.imported) ? changesOf(module, worker, name) : [];
    }),
  );
}

/** The names of the one module of the project that the worker imports: another one could change what that exports, too. */
function sharedNames(module: Module, worker: Module): readonly SharedName[] {
  const [theirs, ...others] = worker.imports.filter(({ specifier, typeOnly }) => !typeOnly && isOwn(specifier));
  if (theirs === undefined || others.length > 0 || /\b(?:require|import|importScripts)\s*\(/.test(worker.text))
    return [];
  const path = pathOf(worker, theirs.specifier);
  const here = module.imports.filter(({ specifier, typeOnly }) => !typeOnly && isOwn(specifier));
  return here.flatMap(({ specifier, names }) =>
    pathOf(module, specifier) !== path
      ? []
      : names.flatMap(({ imported, local }) => {
          const found = theirs.names.find((each) => each.imported === imported && imported !== "*");
          const text = found === undefined ? undefined : worker.locals[found.local]?.name;
          return text === undefined ? [] : [{ imported, local, theirs: text, path }];
        }),
  );
}

function isOwn(specifier: string): boolean {
  return /^[.#~@/]/.test(specifier) && !/^@[\w-]+\/[\w.-]+$/.test(specifier);
}

function pathOf({ file }: Module, specifier: string): string {
  return normalized(`${folderOf(file)}/${specifier}`);
}

/** `settings.verbose = true`: the writes to fields of an import. */
function fieldWrites(module: Module, local: LocalId): readonly Use[] {
  return (indexModule(module).uses.get(local) ?? []).filter(
    ({ access, place: { path } }) =>
      (access === "write" || access === "update") && path.length === 1 && path[0]?.kind === "field",
  );
}

/** `export const settings = { … }` with plain values, and nothing else in its file that could change it. */
function isPlainOwner({ text, imports }: Module, name: string): boolean {
  const mentions = [...text.matchAll(new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g"))];
  const isLiteral = new RegExp(`\\bexport\\s+const\\s+${name.replaceAll("$", "\\$")}\\b[^=;]*=\\s*\\{`).test(text);
  return (
    isLiteral && mentions.length === 1 && imports.every(({ typeOnly }) => typeOnly) && !/\b[gs]et\s+\w+\s*\(/.test(text)
  );
}

function changesOf(module: Module, worker: Module, { local, theirs }: SharedName): readonly TwoCopies[] {
  const fields = fieldsRead(worker, theirs);
  if (fields === undefined) return [];
  const found = new Map<string, TwoCopies>();
  for (const change of fieldWrites(module, local)) {
    const [field] = change.place.path;
    const read = field?.kind === "field" ? fields.get(field.name) : undefined;
    if (field?.kind !== "field" || read === undefined || found.has(field.name)) continue;
    found.set(field.name, { change, written: `${module.locals[local]?.name}.${field.name}`, worker, read });
  }
  return [...found.values()];
}

/** Where each field is read first. Undefined where the object is changed, or used as a whole. */
function fieldsRead({ text, imports }: Module, name: string): ReadonlyMap<string, TwoCopies["read"]> | undefined {
  const fields = new Map<string, TwoCopies["read"]>();
  for (const { index } of text.matchAll(new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g"))) {
    if (imports.some(({ span }) => index >= span.start && index < span.end)) continue;
    const rest = text.slice(index + name.length, index + name.length + 80);
    const [whole, field] =
      /^\s*\.\s*([\w$]+)(?!\s*(?:=(?![=>])|[-+*/%&|^?]{1,3}=|\+\+|--|\(|\.|\[))(?![\w$])/.exec(rest) ?? [];
    const isStepped = /(?:\+\+|--|\bdelete\s*)$/.test(text.slice(0, index).trimEnd());
    if (whole === undefined || field === undefined || isStepped) return undefined;
    if (!fields.has(field)) fields.set(field, { start: index, end: index + name.length + whole.length });
  }
  return fields;
}
