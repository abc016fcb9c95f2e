/**
 * The cheap filter: whether a file can have anything to do with a modelled library, found out from texts alone.
 *
 * A file is relevant when it imports one of the packages, or imports a file of the project that is relevant, or does
 * itself what needs no import: starts a worker as a page does, posts to one, works on shared memory. Types are never asked
 * for, so a file that uses no threads costs the reading of the texts it imports, once.
 * In doubt the answer is yes: it costs time, and the other answer would cost findings.
 */

import { importedOnly } from "../analysis/models/model.js";
import { byText } from "../analysis/program/by-text.js";
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
  const imports = new Map<string, Imports & { readonly text: string }>();

  /** Which files are known to reach one of the packages and which reach none, until any text changes. */
  let reachingFor = new WeakMap<ReadonlySet<string>, Map<string, boolean>>();
  const usesGlobals = byText(speaksOfGlobals);

  const importsOf = (file: string): Imports => {
    const text = disk.read(file);
    if (text === undefined) return none;
    const known = imports.get(file);
    if (known?.text === text) return known;
    const found = scanImports(text).map((one) => ({ ...one, targets: resolver.resolve(one.specifier, file) }));
    const made = { text, found, targets: found.flatMap(({ targets }) => targets) };
    imports.set(file, made);
    return made;
  };

  /** Whether what is outside of the project's files, or may be anywhere, can be one of the packages. */
  const isOutside = (target: Target, packages: ReadonlySet<string>): boolean => {
    if (target.kind === "package") {
      const { name } = target;
      return packages.has(name) || packages.has(importedOnly(name)) || resolver.dependsOn(target, packages);
    }
    return target.kind === "doubt";
  };

  const reaches = (start: string, packages: ReadonlySet<string>): boolean => {
    const reaching = rememberIn(reachingFor, packages);
    const known = reaching.get(start);
    if (known !== undefined) return known;
    const seen = new Set([start]);
    // What is added while a set is walked is walked, too.
    for (const file of seen) {
      const before = reaching.get(file);
      if (before === false) continue;
      const { targets } = importsOf(file);
      if (before === true || targets.some((target) => isOutside(target, packages) || isOne(target, packages))) {
        reaching.set(start, true);
        return true;
      }
      for (const target of targets) if (target.kind === "file") seen.add(target.file);
    }
    // Whatever was reached reaches nothing either: without this, a large project is walked once for each of its files.
    for (const file of seen) reaching.set(file, false);
    return false;
  };

  return {
    relevant: async (path, packages) => {
      const file = normalizePath(path);
      return isSourceFile(file) && (reaches(file, packages) || usesGlobals(file, disk.read(file) ?? ""));
    },
    imports: (path, packages) =>
      importsOf(normalizePath(path)).found.map(
        ({ specifier, names, targets }): TextImport => ({
          specifier,
          names,
          files: targets.flatMap((target) => (target.kind === "file" ? [target.file] : [])),
          threads: targets.some((target) => isOutside(target, packages)),
        }),
      ),
    targets: (path) => importsOf(normalizePath(path)).targets,
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
      reachingFor = new WeakMap();
      // A file that appears can be what an import of another one was looking for.
      if (disk.overlay(normalizePath(path), text) === "new") imports.clear();
    },
    close(path) {
      reachingFor = new WeakMap();
      const file = normalizePath(path);
      if (disk.uncover(file) === "gone") imports.clear();
    },
    diskChanged(files) {
      disk.forget(files?.map(normalizePath));
      resolver.forget();
      imports.clear();
      reachingFor = new WeakMap();
    },
  };
}

interface Found extends ScannedImport {
  readonly targets: readonly Target[];
}

interface Imports {
  readonly found: readonly Found[];
  /** Those of all of them. */
  readonly targets: readonly Target[];
}

const none: Imports = { found: [], targets: [] };

function isOne(target: Target, packages: ReadonlySet<string>): boolean {
  return target.kind === "file" && packages.has(target.file);
}

function speaksOfGlobals(text: string): boolean {
  if (/\bAtomics\s*\.\s*\w|\?worker\b/.test(text)) return true;
  if (/\bself\s*\.\s*onmessage\b/.test(text)) return true;
  if (!text.includes("Worker")) return false;
  if (/\bnew\s+(?:(?:globalThis|window|self)\.)?Worker\s*\(/.test(text)) return true;
  return /\bWorker\b/.test(text) && /\bpostMessage\s*\(/.test(text);
}

function rememberIn<K extends object, V>(maps: WeakMap<K, Map<string, V>>, key: K): Map<string, V> {
  const known = maps.get(key) ?? new Map<string, V>();
  maps.set(key, known);
  return known;
}
