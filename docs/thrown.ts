/** Which errors a function can throw, read from its code and from the code of what it calls. */
import ts from "typescript";

export interface Thrown {
  /** The errors of the library, and `RangeError`, by the names of their classes. */
  readonly errors: readonly string[];
  /** Whether there is a `throw` in the code of the function itself. */
  readonly throwsItself: boolean;
}

/** @param nodes the declarations of one name: a function with its overloads, a method, a class … */
export function thrownBy(nodes: readonly ts.Declaration[], checker: ts.TypeChecker): Thrown {
  const seen = new Set<ts.Node>();
  const errors = new Set<string>();
  let throwsItself = false;
  for (const node of nodes) {
    const body = bodyOf(node);
    if (body !== undefined) collect(body, 0);
  }
  return { errors: [...errors].sort(), throwsItself };

  function collect(node: ts.Node, depth: number): void {
    if (ts.isTryStatement(node) && node.catchClause !== undefined) {
      // What is caught is not thrown, unless the handler throws it again.
      if (throwsAgain(node.catchClause)) collect(node.tryBlock, depth);
      collect(node.catchClause, depth);
      if (node.finallyBlock !== undefined) collect(node.finallyBlock, depth);
      return;
    }
    if (ts.isThrowStatement(node)) {
      throwsItself ||= depth === 0;
      const name = checker.getTypeAtLocation(node.expression).symbol?.name;
      if (name !== undefined && isNamed(name, depth)) errors.add(name);
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) follow(node, depth);
    ts.forEachChild(node, (child) => collect(child, depth));
  }

  function follow(call: ts.CallExpression | ts.NewExpression, depth: number): void {
    const called = checker.getResolvedSignature(call)?.declaration;
    // An overload has no body; the function that it belongs to has.
    const name = called && ts.getNameOfDeclaration(called as ts.Declaration);
    const symbol = name && checker.getSymbolAtLocation(name);
    for (const declaration of symbol?.declarations ?? (called === undefined ? [] : [called])) {
      const body = bodyOf(declaration);
      if (body === undefined || seen.has(body)) continue;
      seen.add(body);
      collect(body, depth + 1);
    }
  }
}

/** Whether the last thing that a handler does is to throw what it caught. */
function throwsAgain({ variableDeclaration, block }: ts.CatchClause): boolean {
  const last = block.statements.at(-1);
  return (
    last !== undefined &&
    variableDeclaration !== undefined &&
    ts.isThrowStatement(last) &&
    last.expression.getText() === variableDeclaration.name.getText()
  );
}

/** The code of a function of the library. */
function bodyOf(node: ts.Node): ts.Node | undefined {
  if (!node.getSourceFile().fileName.includes("/runtime/src/")) return undefined;
  return ts.isFunctionLike(node) && "body" in node ? (node.body as ts.Node | undefined) : undefined;
}

/**
 * A plain `Error` says that the library itself is wrong, or is described where it is thrown. A `RangeError` is about an
 * argument; further in, that is one that the library itself gave.
 */
function isNamed(name: string, depth: number): boolean {
  if (name === "RangeError") return depth <= 1;
  return name === "ThreadPanic" || (name.endsWith("Error") && !["Error", "TypeError"].includes(name));
}
