/**
 * What the compiler answered about a file before the last edit. Most of it still holds while somebody types, and each
 * answer costs the compiler the types of everything that it depends on, since it checks a new text from the beginning.
 */
import type { Node, SourceFile } from "typescript/ast";
import type { Part, Question, SymbolKey, TypeKey } from "../../analysis/program/program.js";
import { remember } from "../memo.js";
import { sameFile } from "../paths.js";
import { concerned, type Range } from "./concerned.js";
import { difference, type Edit, placeAfter, placeBefore } from "./edit.js";

/** A moment: how many changes there were before it. */
export type Moment = number;

export interface KeptAnswers {
  /** To be read before a snapshot is made, and given with everything that is kept of it or compared with it. */
  readonly now: Moment;
  /** These files have changed. */
  changed(files: readonly string[]): void;
  /** Anything may have changed. */
  clear(): void;
  /** What is still known of those that can be asked about `tree`, the text of `file` at that moment. */
  known(file: string, tree: SourceFile, questions: readonly Question[], moment: Moment): Map<Question, Answer>;
  /** @param leaves Whether the file imports others of the project, which may import it. */
  keep(file: string, tree: SourceFile, answered: ReadonlyMap<Question, Answer>, leaves: boolean, moment: Moment): void;
}

/** What was asked for; undefined where there is no answer, as for an unresolved name. */
export interface Answer {
  readonly symbol?: SymbolKey | undefined;
  readonly type?: TypeKey | undefined;
  readonly parts?: readonly Part[] | undefined;
}

interface Kept {
  readonly tree: SourceFile;
  readonly answers: KnownAnswers;
  readonly leaves: boolean;
}

/** So many files are kept, those that were answered last: an edit makes those of all other files worthless. */
const mostFiles = 32;

export function createKeptAnswers(): KeptAnswers {
  /** In the order in which they were answered. */
  const kept = new Map<string, Kept>();
  /** When each file changed last; the empty name stands for all of them. */
  const changes = new Map<string, Moment>();
  let now: Moment = 0;

  /** The text of the file itself can be another one by now: it is compared. */
  const othersChanged = (file: string, since: Moment): boolean =>
    [...changes].some(([changed, at]) => at > since && changed !== file);

  const note = (file: string): void => {
    now++;
    changes.set(file, now);
    for (const other of kept.keys()) if (other !== file) kept.delete(other);
  };

  return {
    get now() {
      return now;
    },
    changed: (files) => files.forEach(note),
    clear: () => note(""),
    known(file, tree, questions, moment) {
      const before = kept.get(file);
      if (before === undefined || othersChanged(file, moment)) return new Map();
      const edit = difference(before.tree.text, tree.text);
      const ranges = concerned(before.tree, tree, edit, before.leaves);
      return ranges === undefined ? new Map() : stillTrue(file, before.answers, edit, ranges, questions);
    },
    keep(file, tree, answered, leaves, moment) {
      if (othersChanged(file, moment)) return;
      const answers = byPlace(answered);
      kept.delete(file);
      kept.set(file, { tree, answers, leaves });
      for (const oldest of kept.keys()) {
        if (kept.size <= mostFiles) break;
        kept.delete(oldest);
      }
    },
  };
}

function stillTrue(
  file: string,
  before: KnownAnswers,
  edit: Edit,
  ranges: readonly Range[],
  questions: readonly Question[],
): Map<Question, Answer> {
  const known = new Map<Question, Answer>();
  const move = mover(file, edit);
  for (const question of questions) {
    const { want, node } = question;
    // A node decodes these anew each time.
    const { pos, end, kind } = node;
    if (ranges.some((range) => range.start <= pos && end <= range.end)) continue;
    const [posBefore, endBefore] = [placeBefore(edit, pos), placeBefore(edit, end)];
    if (posBefore === undefined || endBefore === undefined) continue;
    const found = before.get(posBefore)?.find((one) => one.end === endBefore && one.kind === kind && one.want === want);
    if (found !== undefined) known.set(question, move(found.answer));
  }
  return known;
}

/** What was answered of which node; two nodes with the same place are of different kinds. */
interface KnownAnswer extends Pick<Question, "want"> {
  readonly kind: Node["kind"];
  readonly end: number;
  readonly answer: Answer;
}

/** By where the node begins. */
type KnownAnswers = ReadonlyMap<number, readonly KnownAnswer[]>;

function byPlace(answered: ReadonlyMap<Question, Answer>): KnownAnswers {
  const places = new Map<number, KnownAnswer[]>();
  for (const [{ want, node }, answer] of answered) {
    const { pos, end, kind } = node;
    const known = { want, kind, end, answer };
    const here = places.get(pos);
    if (here === undefined) places.set(pos, [known]);
    else here.push(known);
  }
  return places;
}

/** Corrects where the file's own declarations are. */
function mover(file: string, edit: Edit): (answer: Answer) => Answer {
  // An answer is shared by all places that have the same.
  const types = new Map<TypeKey, TypeKey>();

  const symbol = (key: SymbolKey): SymbolKey => {
    if (key.offset === undefined || key.offset < edit.start || !sameFile(key.file, file)) return key;
    return { ...key, offset: placeAfter(edit, key.offset) };
  };

  const type = (key: TypeKey): TypeKey => {
    switch (key.kind) {
      case "named":
        return same(key, { symbol: symbol(key.symbol), args: each(key.args, type), bases: each(key.bases, symbol) });
      case "array":
        return same(key, { element: type(key.element) });
      case "tuple":
        return same(key, { elements: each(key.elements, type) });
      case "union":
        return same(key, { members: each(key.members, type) });
      case "function":
        return key.returns === undefined ? key : same(key, { returns: type(key.returns) });
      case "primitive":
      case "object":
      case "unknown":
        return key;
    }
  };

  const part = (of: Part): Part => same(of, { type: remember(types, of.type, type) });

  return (answer) =>
    same(answer, {
      symbol: answer.symbol && symbol(answer.symbol),
      type: answer.type && remember(types, answer.type, type),
      parts: answer.parts && each(answer.parts, part),
    });
}

/** The object itself where it has these values already, as nearly all have. */
function same<T extends object>(object: T, values: Partial<T>): T {
  for (const name in values) if (values[name] !== object[name]) return { ...object, ...values };
  return object;
}

/** The list itself where nothing in it becomes another one. */
function each<T>(list: readonly T[], change: (entry: T) => T): readonly T[] {
  const changed = list.map(change);
  return changed.every((entry, index) => entry === list[index]) ? list : changed;
}
