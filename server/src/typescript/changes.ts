/** What happened in the workspace, gathered until the compiler is told. */

/** What happened since the last snapshot. Every part may be left out. */
export interface Changes {
  /** The text of open editors by path, for new and changed ones. The path need not exist on disk. */
  readonly edited?: ReadonlyMap<string, string>;
  /** Files to look at as they are on disk. */
  readonly opened?: readonly string[];
  /** Editors that were closed, and opened files that are no longer looked at: what is on disk counts again. */
  readonly closed?: readonly string[];
  /** What a file watcher saw. */
  readonly disk?: {
    readonly created?: readonly string[];
    readonly changed?: readonly string[];
    readonly deleted?: readonly string[];
  };
}

export interface Pending {
  /** Files over which another text lies now, or none any more. */
  readonly texts: Set<string>;
  readonly created: Set<string>;
  readonly changed: Set<string>;
  readonly deleted: Set<string>;
}

export function emptyPending(): Pending {
  return { texts: new Set(), created: new Set(), changed: new Set(), deleted: new Set() };
}

export function isEmpty(pending: Pending): boolean {
  return pending.texts.size + pending.created.size + pending.changed.size + pending.deleted.size === 0;
}

/** Puts back what could not be told. */
export function putBack(into: Pending, from: Pending): void {
  for (const file of from.texts) into.texts.add(file);
  for (const file of from.created) into.created.add(file);
  for (const file of from.changed) into.changed.add(file);
  for (const file of from.deleted) into.deleted.add(file);
}

/** Half a surrogate pair cannot be sent. Its replacement has the same length, so that positions stay right. */
export function wellFormed(text: string): string {
  return withoutMark(text).replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** The compiler would count a byte order mark in positions, though it leaves it out of the text. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
