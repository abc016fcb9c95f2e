/**
 * What the compiler answered about a file before the last edit. Most of it still holds while somebody types, and each
 * answer costs the compiler the types of everything that it depends on, since it checks a new text from the beginning.
 */
import type { SourceFile } from "typescript/ast";
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
  readonly answers: ReadonlyMap<string, Answer>;
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
      const answers = new Map([...answered].map(([question, answer]) => [idOf(question), answer]));
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
  before: ReadonlyMap<string, Answer>,
  edit: Edit,
  ranges: readonly Range[],
  questions: readonly Question[],
): Map<Question, Answer> {
  const known = new Map<Question, Answer>();
  const move = mover(file, edit);
  for (const question of questions) {
    const { node } = question;
    if (ranges.some(({ start, end }) => start <= node.pos && node.end <= end)) continue;
    const [pos, end] = [placeBefore(edit, node.pos), placeBefore(edit, node.end)];
    const id = pos === undefined || end === undefined ? undefined : idOf(question, pos, end);
    const answer = id === undefined ? undefined : before.get(id);
    if (answer === undefined) continue;
    known.set(question, move(answer));
  }
  return known;
}

/** What is asked of which node; two nodes with the same place are of different kinds. */
function idOf({ want, node }: Question, pos = node.pos, end = node.end): string {
  return `${want}:${node.kind}:${pos}:${end}`;
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
        return { ...key, symbol: symbol(key.symbol), args: key.args.map(type), bases: key.bases.map(symbol) };
      case "array":
        return { ...key, element: type(key.element) };
      case "tuple":
        return { ...key, elements: key.elements.map(type) };
      case "union":
        return { ...key, members: key.members.map(type) };
      case "function":
        return { ...key, returns: key.returns && type(key.returns) };
      case "primitive":
      case "object":
      case "unknown":
        return key;
    }
  };

  return (answer) => ({
    symbol: answer.symbol && symbol(answer.symbol),
    type: answer.type && remember(types, answer.type, type),
    parts: answer.parts?.map((part) => ({ ...part, type: remember(types, part.type, type) })),
  });
}
