/** Names the texts of a file and of everything that it imports, however far, by one hash. */
import type { ImportGraph } from "../../checker/import-graph.js";
import { hash } from "./hash.js";

export interface Closures {
  digest(file: string): string;
}

export interface ClosureOptions {
  readonly imports: Pick<ImportGraph, "text" | "targets">;
  /** Names what a package is, as it is seen from a folder. */
  readonly packageDigest: (name: string, from: string) => string;
  /** Names everything that a file could reach whose imports may lead anywhere. */
  readonly wholeProject: (file: string) => string;
}

interface Visit {
  readonly file: string;
  readonly index: number;
  low: number;
  onStack: boolean;
  readonly next: Iterator<string>;
  /** What the file is without those it shares a cycle with. */
  readonly parts: string[];
}

/**
 * Files that import each other in a cycle have one hash, that of all of them; others have that of their text and of the
 * hashes of what they import. So each file is looked at once, however many import it (Tarjan's strongly connected
 * components).
 */
export function createClosures(options: ClosureOptions): Closures {
  const digests = new Map<string, string>();
  const visits = new Map<string, Visit>();
  const stack: Visit[] = [];

  const begin = (file: string): Visit => {
    const parts = [file, options.imports.text(file) ?? "\0missing"];
    const files: string[] = [];
    for (const target of options.imports.targets(file)) {
      if (target.kind === "file") files.push(target.file);
      else if (target.kind === "package") parts.push(options.packageDigest(target.name, target.from));
      else parts.push(options.wholeProject(file));
    }
    const visit = { file, index: visits.size, low: visits.size, onStack: true, next: files.values(), parts };
    visits.set(file, visit);
    stack.push(visit);
    return visit;
  };

  /** Takes a finished cycle off the stack. */
  const finish = (root: Visit): void => {
    const members = stack.splice(stack.indexOf(root));
    const parts = members.sort((a, b) => (a.file < b.file ? -1 : 1)).flatMap((member) => member.parts);
    const digest = hash(parts);
    for (const member of members) {
      member.onStack = false;
      digests.set(member.file, digest);
    }
  };

  const explore = (start: string): void => {
    const path = [begin(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const step = visit.next.next();
      if (step.done === true) {
        path.pop();
        const parent = path.at(-1);
        if (visit.low === visit.index) finish(visit);
        if (parent === undefined) continue;
        parent.low = Math.min(parent.low, visit.low);
        const digest = digests.get(visit.file);
        if (digest !== undefined) parent.parts.push(digest);
        continue;
      }
      const known = visits.get(step.value);
      if (known === undefined) path.push(begin(step.value));
      else if (known.onStack) visit.low = Math.min(visit.low, known.index);
      else visit.parts.push(digests.get(step.value) ?? "");
    }
  };

  return {
    digest(file) {
      if (!digests.has(file)) explore(file);
      return digests.get(file) ?? "";
    },
  };
}
