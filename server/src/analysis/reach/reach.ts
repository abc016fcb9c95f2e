/**
 * Where threads come to through the names that files export: a file that takes nothing from another one that is made of
 * threads need not be looked at, whatever else that one exports.
 *
 * It is the names that are followed, from what imports them to what they are made of. Types are never asked for.
 */

import { type Ingredients, type Mention, type Surface, surfaceOf } from "../mir/surface.js";
import { byText } from "../program/by-text.js";
import type { Snapshot } from "../program/program.js";
import type { TextImport, Texts } from "../program/texts.js";

export interface Reach {
  /** Whether threads can come to the file at all, by the files that it imports. */
  relevant(file: string): Promise<boolean>;
  /** Whether the file uses threads, or takes a name from another one that is made of them. */
  concerns(snapshot: Snapshot, file: string): Promise<boolean>;
  /** Whether what a file declares by this name is made of threads. Of `A.b` only `A` counts; `*` is all of it. */
  leads(snapshot: Snapshot, file: string, name: string): Promise<boolean>;
  /** Whether what a file declares by this name says `throw`, itself or through what else is declared there. */
  throws(snapshot: Snapshot, file: string, name: string): Promise<boolean>;
  /** A text has changed, or there are other files. */
  forget(): void;
}

/** What every program may use threads and their memory by, with no import; and the comments that are for this tool. */
const threadWords =
  /Worker|\?worker\b|\bAtomics\b|\bSharedArrayBuffer\b|\bMessage(?:Channel|Port)\b|\bBroadcastChannel\b|\bpostMessage\b|\bonmessage\b|\bstructuredClone\b|fearless-threads/;

/** A name of a file. */
interface Place {
  readonly file: string;
  readonly name: string;
}

/** Where a name leads: to threads themselves, or on to other names. */
type Next = "threads" | readonly Place[];

export function createReach(texts: Texts, packages: ReadonlySet<string>): Reach {
  const surfaces = new Map<string, { readonly text: string | undefined; readonly surface: Surface | undefined }>();
  const hasThreadWords = byText((text) => threadWords.test(text));
  const saysThrow = byText((text) => /\bthrow\b/.test(text));
  let known = new Map<string, boolean>();

  const importsOf = (file: string): readonly TextImport[] => texts.imports(file, packages);

  /** It has to do with threads itself, not only through files of the project. */
  const isDirect = (file: string): boolean => {
    const text = texts.text(file);
    if (text === undefined) return false;
    // What an import leads to is not in the text.
    if (importsOf(file).some(({ threads, files }) => threads || files.some((one) => packages.has(one)))) return true;
    return hasThreadWords(file, text);
  };

  const surfaceFor = async (snapshot: Snapshot, file: string): Promise<Surface | undefined> => {
    const text = texts.text(file);
    const before = surfaces.get(file);
    if (before !== undefined && before.text === text) return before.surface;
    const tree = await snapshot.tree(file);
    const surface = tree && surfaceOf(tree);
    // The snapshot may be older than the text.
    if (tree?.text === text?.replace(/^\uFEFF/, "")) surfaces.set(file, { text, surface });
    return surface;
  };

  const exactly = async (snapshot: Snapshot, { file, name }: Place): Promise<Next> => {
    if (packages.has(file)) return "threads";
    const surface = await surfaceFor(snapshot, file);
    const ingredients = surface?.of(name);
    if (ingredients !== undefined) return leadsOn(ingredients, importsOf(file));
    if (surface?.open === false) return [];
    return isDirect(file) ? "threads" : importsOf(file).flatMap(everything);
  };

  /** A file that has nothing to do with threads itself is taken as a whole, by its text: most lead nowhere. */
  const roughly = (snapshot: Snapshot, place: Place): Promise<Next> | Next =>
    isDirect(place.file) ? exactly(snapshot, place) : importsOf(place.file).flatMap(taken);

  const find = async (roots: readonly Place[], next: (place: Place) => Promise<Next> | Next): Promise<boolean> => {
    // What is found out of texts that have changed meanwhile goes with what was known of them.
    const memo = known;
    const met = new Map(roots.map((place) => [keyOf(place), place]));
    // What is added while a map is walked is walked, too.
    for (const [key, place] of met) {
      const before = memo.get(key);
      if (before === true) return true;
      if (before === false) continue;
      const places = next(place);
      const found = places instanceof Promise ? await places : places;
      if (found === "threads") return true;
      for (const one of found) met.set(keyOf(one), one);
    }
    for (const key of met.keys()) memo.set(key, false);
    return false;
  };

  const reaches = async (snapshot: Snapshot, roots: readonly Place[]): Promise<boolean> =>
    (await find(roots, (place) => roughly(snapshot, place))) && find(roots, (place) => exactly(snapshot, place));

  /** What is declared inside of something else is part of all that the file has. */
  const atTop = async (snapshot: Snapshot, { file, name }: Place): Promise<Place> => {
    const surface = await surfaceFor(snapshot, file);
    return surface?.of(name) === undefined ? { file, name: "*" } : { file, name };
  };

  const relevant = (file: string): Promise<boolean> => texts.relevant(file, packages);

  return {
    relevant,
    async concerns(snapshot, file) {
      if (!(await relevant(file))) return false;
      if (isDirect(file)) return true;
      const roots = importsOf(file).flatMap(taken);
      return reaches(snapshot, roots);
    },
    async leads(snapshot, file, name) {
      const place = { file, name: topOf(name) };
      const key = keyOf(place);
      const memo = known;
      const before = memo.get(key);
      if (before !== undefined) return before;
      const is =
        (await relevant(file)) &&
        (isDirect(file) || (await find([place], (one) => roughly(snapshot, one)))) &&
        (await find([await atTop(snapshot, place)], (one) => exactly(snapshot, one)));
      memo.set(key, is);
      return is;
    },
    async throws(snapshot, file, name) {
      if (!saysThrow(file, texts.text(file) ?? "")) return false;
      const surface = await surfaceFor(snapshot, file);
      return (surface?.of(topOf(name)) ?? surface?.of("*"))?.words.has("throw") === true;
    },
    forget() {
      known = new Map();
    },
  };
}

function keyOf({ file, name }: Place): string {
  return `${file}\0${name}`;
}

/** `A` of `A.b`. */
function topOf(name: string): string {
  return name.split(".", 1)[0] ?? name;
}

/** The names that an import takes. */
function taken({ files, names }: TextImport): readonly Place[] {
  const all = names === "all" ? ["*"] : names;
  return files.flatMap((file) => all.map((name) => ({ file, name })));
}

function everything({ files }: TextImport): readonly Place[] {
  return files.map((file) => ({ file, name: "*" }));
}

function leadsOn({ mentions, words }: Ingredients, imports: readonly TextImport[]): Next {
  for (const word of words) if (threadWords.test(word)) return "threads";
  const places: Place[] = [];
  // An import inside an expression or a type names no part of its module.
  const inline = words.has("import") || words.has("require") ? imports.filter(({ names }) => names === "all") : [];
  const found = mentions.map(({ specifier, name }: Mention) => ({
    name,
    of: imports.find((one) => one.specifier === specifier),
  }));
  for (const { name, of } of [...found, ...inline.map((of) => ({ name: "*", of }))]) {
    if (of === undefined || of.threads) return "threads";
    for (const file of of.files) places.push({ file, name });
  }
  return places;
}
