/** Which texts and files the compiler should see, whatever life it is in. No questions are asked here. */
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { CreateSnapshotParams } from "typescript/async";
import { type Changes, emptyPending, isEmpty, type Pending, putBack, wellFormed } from "./changes.js";
import { isSourceFile, normalizePath, parentOf } from "./paths.js";

/** What the compiler has been told of in its present life. */
interface Told {
  readonly files: ReadonlySet<string>;
  readonly configs: ReadonlySet<string>;
}

/** What to tell it next. Empty steps are left out; `told` holds once all are done. */
export interface Step {
  readonly params: readonly CreateSnapshotParams[];
  readonly pending: Pending;
  readonly opens: readonly string[];
  readonly told: Told;
}

const nothing: Told = { files: new Set(), configs: new Set() };

export class Workspace {
  /** What the open editors show. */
  readonly #edited = new Map<string, string>();
  /** Files to keep open, edited or not. */
  readonly #opened = new Set<string>();
  /** Files that the compiler could not open, until they are edited or something happens to them on disk. */
  readonly #absent = new Set<string>();
  /** Files whose text costs a compiler its life, shown to it as empty until the text is another one. */
  readonly #hidden = new Set<string>();
  /** A layer lies over each of these for the rest of the compiler's life, so changes on disk are layered too. */
  readonly #layered = new Set<string>();
  readonly #configOf = new Map<string, string | undefined>();
  readonly #maxLength: number;
  #pending = emptyPending();
  #told = nothing;

  /** @param maxLength How many characters a text may have for its tree to be asked for. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** @returns The paths that changed on disk. */
  note(changes: Changes): readonly string[] {
    // First what was closed: an editor can be closed and opened again between two calls.
    for (const path of changes.closed ?? []) {
      const file = normalizePath(path);
      this.#opened.delete(file);
      if (this.#edited.delete(file)) this.#changeText(file);
    }
    for (const [path, text] of changes.edited ?? []) {
      const file = normalizePath(path);
      if (this.#edited.get(file) === text) continue;
      this.#edited.set(file, text);
      this.#changeText(file);
    }
    for (const path of changes.opened ?? []) {
      const file = normalizePath(path);
      this.#opened.add(file);
      this.#absent.delete(file);
    }
    return this.#noteDisk(changes.disk ?? {});
  }

  #changeText(file: string): void {
    this.#pending.texts.add(file);
    this.#absent.delete(file);
    this.#hidden.delete(file);
    if (file.endsWith(".json")) this.#configOf.clear();
  }

  #noteDisk({ created = [], changed = [], deleted = [] }: NonNullable<Changes["disk"]>): readonly string[] {
    const noted: string[] = [];
    for (const [paths, kind] of [
      [created, "created"],
      [changed, "changed"],
      [deleted, "deleted"],
    ] as const) {
      for (const path of paths) {
        const file = normalizePath(path);
        noted.push(file);
        this.#pending[kind].add(file);
        this.#absent.delete(file);
        if (this.#edited.has(file)) continue;
        if (this.#layered.has(file)) this.#pending.texts.add(file);
        this.#hidden.delete(file);
      }
    }
    if (created.length + deleted.length > 0) this.#configOf.clear();
    return noted;
  }

  /** The compiler is another one, which knows nothing. */
  startOver(): void {
    this.#told = nothing;
    this.#layered.clear();
  }

  /** The file cannot be opened as it is. */
  leaveOut(file: string): void {
    this.#absent.add(file);
  }

  /** The file's text made the compiler hang or die. */
  hide(file: string): void {
    this.#hidden.add(file);
    this.#pending.texts.add(file);
  }

  /** Why the compiler is not shown the file's text, as a sentence. */
  omission(file: string): string | undefined {
    if (this.#hidden.has(file)) return "The compiler hung or died of its text. It is looked at again once it changes.";
    const length = this.#edited.get(file)?.length ?? sizeOnDisk(file);
    if (length <= this.#maxLength) return undefined;
    return `It is ${(length / 1e6).toFixed(1)} MB long, and files of more than ${this.#maxLength / 1e6} MB are left out.`;
  }

  /**
   * What to tell the compiler, or undefined where it knows everything.
   *
   * @param alone A file to be opened without others that are new, to find out which of several it is that fails.
   */
  async next(alone: ReadonlySet<string>): Promise<Step | undefined> {
    const fresh = this.#told === nothing;
    const files = this.#wanted(alone);
    const configs = new Set(
      [...files].map((file) => this.nearestConfig(file)).filter((config) => config !== undefined),
    );
    const [opens, closes] = difference(this.#told.files, files);
    const [openProjects, closeProjects] = difference(this.#told.configs, configs);
    const pending = this.#pending;
    if (!fresh && isEmpty(pending) && opens.length + closes.length + closeProjects.length === 0) return undefined;
    this.#pending = emptyPending();
    const texts = await this.#texts(fresh ? new Set([...this.#edited.keys(), ...this.#hidden]) : pending.texts);
    const told = { files, configs };
    const first = { ...texts, ...notifications(pending) };
    const rest = {
      ensurePrograms: true as const,
      ...(opens.length > 0 && { openFiles: opens }),
      ...(closes.length > 0 && { closeFiles: closes }),
      ...(closeProjects.length > 0 && { closeProjects }),
    };
    // TypeScript 7.1.0-beta dies when it opens a file beside a composite project that it has not loaded before and
    // that does not contain the file. So the project comes first, in a step of its own, and stays while the file does.
    const params = openProjects.length > 0 ? [{ ...first, openProjects }, rest] : [{ ...first, ...rest }];
    return { params, pending, opens, told };
  }

  done(step: Step): void {
    this.#told = step.told;
  }

  failed(step: Step): void {
    putBack(this.#pending, step.pending);
  }

  #wanted(alone: ReadonlySet<string>): ReadonlySet<string> {
    const all = [...this.#edited.keys(), ...this.#opened];
    const wanted = new Set(all.filter((file) => isSourceFile(file) && !this.#absent.has(file)));
    const waiting = [...alone].filter((file) => wanted.has(file) && !this.#told.files.has(file));
    for (const file of waiting.slice(1)) wanted.delete(file);
    return wanted;
  }

  async #texts(files: ReadonlySet<string>): Promise<Pick<CreateSnapshotParams, "fileSystem">> {
    const texts: Record<string, string> = {};
    const removedPaths: string[] = [];
    for (const file of files) {
      const omitted = this.omission(file) !== undefined;
      const text = omitted ? "" : (this.#edited.get(file) ?? (await readText(file)));
      if (text === undefined) removedPaths.push(file);
      else texts[file] = wellFormed(text);
      this.#layered.add(file);
    }
    if (files.size === 0) return {};
    return { fileSystem: { kind: "layer", files: texts, ...(removedPaths.length > 0 && { removedPaths }) } };
  }

  /** The `tsconfig.json` or `jsconfig.json` of the nearest folder, as the compiler looks for it. */
  nearestConfig(file: string): string | undefined {
    const folder = parentOf(file);
    const known = this.#configOf.get(folder);
    if (known !== undefined || this.#configOf.has(folder)) return known;
    const here = ["tsconfig.json", "jsconfig.json"].map((name) => (folder === "/" ? `/${name}` : `${folder}/${name}`));
    const found = here.find((config) => this.#edited.has(config) || existsSync(config));
    const nearest = found ?? (parentOf(folder) === folder ? undefined : this.nearestConfig(folder));
    this.#configOf.set(folder, nearest);
    return nearest;
  }
}

function notifications(pending: Pending): Pick<CreateSnapshotParams, "fileNotifications"> {
  const { created, changed, deleted } = pending;
  if (created.size + changed.size + deleted.size === 0) return {};
  // Of a file that went and came, or came and went, before anybody asked, what holds now counts.
  const both = [...deleted].filter((file) => created.has(file) || changed.has(file));
  const gone = new Set(both.filter((file) => !existsSync(file)));
  const back = new Set(both.filter((file) => !gone.has(file)));
  return {
    fileNotifications: {
      created: [...created].filter((file) => !gone.has(file)),
      changed: [...new Set([...changed, ...back])].filter((file) => !gone.has(file)),
      deleted: [...deleted].filter((file) => !back.has(file)),
    },
  };
}

/** @returns What is only in `after`, and what is only in `before`. */
function difference(before: ReadonlySet<string>, after: ReadonlySet<string>): readonly [string[], string[]] {
  return [[...after].filter((entry) => !before.has(entry)), [...before].filter((entry) => !after.has(entry))];
}

function sizeOnDisk(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
