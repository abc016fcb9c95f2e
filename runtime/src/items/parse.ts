import { type Node as AcornNode, parse as acorn, type Options } from "acorn";
import { analyze, type Scope } from "eslint-scope";
import type { Identifier, Node, Program } from "estree";

/** A use of a name, and what it is the name of: nothing where that is declared nowhere in the file. */
export interface Use {
  readonly identifier: Identifier;
  readonly variable: Variable | undefined;
}

/** What has a name in a file. */
export type Variable = Scope["variables"][number];

/** A script, who declares what in it, and who uses that. */
export interface Script {
  readonly text: string;
  readonly program: Program;
  /** What is declared at the top of the file. */
  readonly variables: readonly Variable[];
  /** All uses of names, in no order. */
  readonly uses: readonly Use[];
}

/** A script, or nothing where the text is not JavaScript: whoever runs it will say so. */
export function parse(text: string): Script | undefined {
  const program = parseAs(text, "module") ?? parseAs(text, "script");
  if (program === undefined) return undefined;
  const { scopes } = analyze(program, { ecmaVersion: 2026, sourceType: "module" });
  const top = scopes.find(({ type }) => type === "module");
  if (top === undefined) return undefined;
  const uses = scopes.flatMap(({ references }) =>
    references.map((reference) => ({
      identifier: reference.identifier as Identifier,
      variable: reference.resolved ?? undefined,
    })),
  );
  return { text, program, variables: top.variables, uses };
}

function parseAs(text: string, sourceType: "module" | "script"): Program | undefined {
  const options: Options = {
    ecmaVersion: "latest",
    sourceType,
    ranges: true,
    allowHashBang: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
  };
  try {
    const tree: AcornNode = acorn(text, options);
    return tree as AcornNode & Program; // ESTree, which is what Acorn says in words and not in types.
  } catch {
    return undefined;
  }
}

/** Where a node is in the text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Every node comes from the parser, which was asked for ranges. */
export function rangeOf({ range }: Node): Range {
  const [start, end] = range ?? [0, 0];
  return { start, end };
}

export function isWithin(inner: Node, outer: Range): boolean {
  const { start, end } = rangeOf(inner);
  return outer.start <= start && end <= outer.end;
}
