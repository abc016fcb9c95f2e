/**
 * The cheap filter: whether a file can have anything to do with a modelled library, found out from texts alone.
 *
 * A file is relevant when it imports one of the packages, or imports a file of the project that is relevant, or does
 * itself what needs no import: starts a worker as a page does, posts to one, works on shared memory. Types are never asked for, so a file that uses no threads
 * costs the reading of the texts it imports, once.
 * In doubt the answer is yes: it costs time, and the other answer would cost findings.
 */

import { importedOnly } from "../analysis/models/model.js";
import type { TextImport, Texts } from "../analysis/program/texts.js";
import { isSourceFile, normalizePath } from "./paths.js";
import { createDisk } from "./relevance/disk.js";
import { createResolver, type Target } from "./relevance/resolve.js";
import { type ScannedImport, scanImports } from "./relevance/scan.js";
import { scanWorkerFiles } from "./relevance/scan-workers.js";

export interface Relevance extends Texts {
  /** Where the imports of one file lead, as far as its text and the names of files tell. */
  targets(file: string): readonly Target[];
  /** The files that a file starts workers with, which are no part of its program by that. */
  workers(file: string): readonly string[];
  /** The text of an open editor, new or changed. The file need not exist on disk. */
  edit(file: string, text: string): void;
  /** What is on disk counts again. */
  close(file: string): void;
  /** Forgets what was read from disk: of these files, or of all when it is not known which. */
  diskChanged(files?: readonly string[]): void;
}

export function createRelevance(): Relevance {
  const disk = createDisk();
  const resolver = createResolver(disk);
  /** What each file imports, by its text: an edit that leaves the imports alone costs a scan and nothing else. */
  const imports = new Map<string, { readonly text: string; readonly found: readonly Found[] }>();

  /** Files that are known to reach none of the packages, until any text changes. */
  let fruitlessFor = new WeakMap<ReadonlySet<string>, Set<string>>();

  const importsOf = (file: string): readonly Found[] => {
    const text = disk.read(file);
    if (text === undefined) return [];
    const known = imports.get(file);
    if (known?.text === text) return known.found;
    const found = scanImports(text).map((one) => ({ ...one, targets: resolver.resolve(one.specifier, file) }));
    imports.set(file, { text, found });
    return found;
  };

  const targetsOf = (file: string): readonly Target[] => importsOf(file).flatMap(({ targets }) => targets);

  /** Whether what is outside of the project's files, or may be anywhere, can be one of the packages. */
  const isOutside = (target: Target, packages: ReadonlySet<string>): boolean => {
    if (target.kind === "package") {
      const { name } = target;
      return packages.has(name) || packages.has(importedOnly(name)) || resolver.dependsOn(target, packages);
    }
    return target.kind === "doubt";
  };

  const reaches = (start: string, packages: ReadonlySet<string>): boolean => {
    const seen = new Set([start]);
    const open = [start];
    const fruitless = rememberIn(fruitlessFor, packages);
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (fruitless.has(file)) continue;
      for (const target of targetsOf(file)) {
        if (isOutside(target, packages)) return true;
        if (target.kind !== "file") continue;
        if (packages.has(target.file)) return true;
        if (!seen.has(target.file)) {
          seen.add(target.file);
          open.push(target.file);
        }
      }
    }
    // Whatever was reached reaches nothing either: without this, a large project is walked once for each of its files.
    for (const file of seen) fruitless.add(file);
    return false;
  };

  return {
    relevant: async (path, packages) => {
      const file = normalizePath(path);
      return isSourceFile(file) && (reaches(file, packages) || usesGlobals(disk.read(file)));
    },
    imports: (path, packages) =>
      importsOf(normalizePath(path)).map(
        ({ specifier, names, targets }): TextImport => ({
          specifier,
          names,
          files: targets.flatMap((target) => (target.kind === "file" ? [target.file] : [])),
          threads: targets.some((target) => isOutside(target, packages)),
        }),
      ),
    targets: (path) => targetsOf(normalizePath(path)),
    workers(path) {
      const file = normalizePath(path);
      const text = disk.read(file);
      if (text === undefined || !/Worker|\?worker\b/.test(text)) return [];
      const found = scanWorkerFiles(text).flatMap((specifier) => resolver.resolve(specifier, file));
      const files = found.flatMap((target) =>
        target.kind === "file" && isSourceFile(target.file) ? [target.file] : [],
      );
      return [...new Set(files)].filter((each) => each !== file);
    },
    text: (path) => disk.read(normalizePath(path)),
    edit(path, text) {
      fruitlessFor = new WeakMap();
      // A file that appears can be what an import of another one was looking for.
      if (disk.overlay(normalizePath(path), text) === "new") imports.clear();
    },
    close(path) {
      fruitlessFor = new WeakMap();
      const file = normalizePath(path);
      if (disk.uncover(file) === "gone") imports.clear();
    },
    diskChanged(files) {
      disk.forget(files?.map(normalizePath));
      resolver.forget();
      imports.clear();
      fruitlessFor = new WeakMap();
    },
  };
}

interface Found extends ScannedImport {
  readonly targets: readonly Target[];
}

function usesGlobals(text: string | undefined): boolean {
  if (text === undefined) return false;
  if (/\bAtomics\s*\.\s*\w|\?worker\b/.test(text)) return true;
  if (/\bself\s*\.\s*onmessage\b/.test(text)) return true;
  if (!text.includes("Worker")) return false;
  if (/\bnew\s+(?:(?:globalThis|window|self)\.)?Worker\s*\(/.test(text)) return true;
  return /\bWorker\b/.test(text) && /\bpostMessage\s*\(/.test(text);
}

function rememberIn(sets: WeakMap<ReadonlySet<string>, Set<string>>, packages: ReadonlySet<string>): Set<string> {
  const known = sets.get(packages) ?? new Set();
  sets.set(packages, known);
  return known;
}
