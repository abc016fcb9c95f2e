import { sourceOf } from "../browser/sources.js";
import type { SourcePosition } from "../errors.js";

/** A position in a script as it runs, which a compiler may have made; line and column count from 1. */
export interface ScriptPosition {
  /** The script's URL. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What the library is called in stacks of Node. */
export const libraryName = "fearless-threads";

/** Where this library's modules are, unless a bundler has made them part of something else. */
const ownFolder = /^(.*\/)worker\/position\.js(?:[?#].*)?$/.exec(import.meta.url)?.[1];

/** The position in the source, in a worker; in a page, which cannot read source maps at once, that in the script. */
export function toSource(position: ScriptPosition): SourcePosition {
  return sourceOf(position);
}

export function formatPosition(position: SourcePosition): string {
  return `${position.file}:${position.line}:${position.column}`;
}

export function toPath(file: string): string {
  return file;
}

/** Whether a script belongs to this library: a worker's code is in a Blob. */
export function isOwn(file: string): boolean {
  return file.startsWith("blob:") || (ownFolder !== undefined && file.startsWith(ownFolder));
}

export function giveSourceMap(_file: string, _map: unknown): void {}

export function ungivenSourceMap(_file: string): undefined {
  return undefined;
}

export function nameInSource(_position: ScriptPosition): undefined {
  return undefined;
}
