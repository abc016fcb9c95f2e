/** What the lowering relies on: how the compiler's trees behave. Where one of these changes, so must `mir/`. */
import assert from "node:assert/strict";
import {
  formatSyntaxKind,
  isArrowFunction,
  isCallExpression,
  isFunctionDeclaration,
  isIdentifier,
  isJsxElement,
  isVariableDeclaration,
  isVariableDeclarationList,
  isVariableStatement,
  type Node,
  NodeFlags,
  type SourceFile,
  SyntaxKind,
} from "typescript/ast";
import { sharedHost, withProject } from "../support/project.js";

function parse<T>(text: string, body: (tree: SourceFile) => T, file = "a.tsx"): Promise<T> {
  return withProject({ [file]: text }, async (snapshot, path) => {
    const tree = await snapshot.tree(path(file));
    assert.ok(tree);
    return body(tree);
  });
}

function all<T extends Node>(tree: Node, is: (node: Node) => node is T): readonly T[] {
  const found: T[] = [];
  const visit = (node: Node): void => {
    if (is(node)) found.push(node);
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

const isAny = (_: Node): _ is Node => true;
const written = (tree: SourceFile, node: Node) => tree.text.slice(node.getStart(tree), node.end);

describe("syntax trees", () => {
  it("count positions in UTF-16 units, with the trivia before a node between pos and getStart", () =>
    parse("/** doc */ /* 😀 */ f( /* a */ x /* b */ , y );", (tree) => {
      const [call] = all(tree, isCallExpression);
      assert.ok(call);
      assert.deepEqual([call.pos, call.getStart(tree), call.end], [0, 20, 46]);
      const [x] = call.arguments;
      assert.ok(x);
      assert.deepEqual([x.pos, written(tree, x)], [22, "x"]);
      // Just behind the parenthesis that opens, and before the one that closes, but for trivia.
      assert.deepEqual([call.arguments.pos, call.arguments.end], [22, 44]);
    }));

  it("keep CRLF", () =>
    parse("a;\r\nb;", (tree) =>
      assert.deepEqual(
        tree.statements.map(({ end }) => end),
        [2, 6],
      ),
    ));

  it("are the same objects for the same text", async () => {
    const text = "const a = 1;";
    const first = await parse(text, (tree) => tree);
    assert.equal(await parse(text, (tree) => tree), first);
    assert.equal(first.statements[0], first.statements[0]);
  });

  it("know their parents and their file", () =>
    parse("function f(a) { return <b>{() => a}</b>; }", (tree) => {
      for (const node of all(tree, isAny)) {
        assert.equal(node.getSourceFile(), tree);
        node.forEachChild((child) => assert.equal(child.parent, node));
      }
    }));

  it("visit children in the order of the text, and stop at the first that answers", () =>
    parse("async function* f<T>(a?: T, ...b: T[]) { for await (const x of a) { yield* x; } }", (tree) => {
      for (const node of all(tree, isAny)) {
        let last = 0;
        node.forEachChild((child) => {
          assert.ok(child.pos >= last, `${formatSyntaxKind(child.kind)} at ${child.pos} after ${last}`);
          last = child.pos;
        });
      }
      const seen: Node[] = [];
      const answer = tree.statements[0]?.forEachChild((child) => {
        seen.push(child);
        return isIdentifier(child) ? child.text : undefined;
      });
      assert.equal(answer, "f");
      assert.deepEqual(
        seen.map((child) => formatSyntaxKind(child.kind)),
        ["AsyncKeyword", "AsteriskToken", "Identifier"],
      );
    }));

  it("share kinds between names: the first of a range is printed by the range", () => {
    assert.equal(SyntaxKind[SyntaxKind.VariableStatement], "FirstStatement");
    assert.equal(formatSyntaxKind(SyntaxKind.VariableStatement), "VariableStatement");
  });

  it("tell var, let, const, using and await using by flags, of which await using is two", () =>
    parse("var a; let b; const c = 1; using d = e; await using f = g;", (tree) => {
      const flags = all(tree, isVariableDeclarationList).map((list) => list.flags & NodeFlags.BlockScoped);
      assert.deepEqual(flags, [NodeFlags.None, NodeFlags.Let, NodeFlags.Const, NodeFlags.Using, NodeFlags.AwaitUsing]);
      assert.equal(NodeFlags.AwaitUsing, NodeFlags.Const | NodeFlags.Using);
    }));

  it("flag every link of an optional chain, and hold the token only where it is written", () =>
    parse("a?.b.c(d)?.[0];", (tree) => {
      const links = all(tree, isAny).filter((node) => node.flags & NodeFlags.OptionalChain);
      const token = (node: Node) => "questionDotToken" in node && node.questionDotToken !== undefined;
      assert.deepEqual(
        links.map((node) => [written(tree, node), token(node)]),
        [
          ["a?.b.c(d)?.[0]", true],
          ["a?.b.c(d)", false],
          ["a?.b.c", false],
          ["a?.b", true],
        ],
      );
    }));

  describe("are made of anything", () => {
    const flagged = (tree: SourceFile) => (tree.flags & NodeFlags.ThisNodeOrAnySubNodesHasError) !== 0;

    it("and say that something is wrong", async () => {
      assert.equal(await parse("const a = 1;", flagged), false);
      for (const text of ["const = ;", "f(", "class {", "`${", "<a", "if (", "}", "@", "a => {"]) {
        assert.equal(await parse(text, flagged), true, text);
      }
    });

    it("with empty names where one is missing", () =>
      parse("a. ; const x = ;", (tree) => {
        const missing = all(tree, isIdentifier).filter((node) => node.text === "");
        assert.equal(missing.length, 2);
        for (const node of missing) assert.equal(node.getStart(tree), node.end);
      }));

    it("with lists without declarations", () =>
      parse("const ;", (tree) => {
        assert.deepEqual(
          all(tree, isVariableDeclarationList).map((list) => list.declarations.length),
          [0],
        );
      }));
  });

  it("have the types of JavaScript's comments as nodes that lie in the comment", () =>
    parse(
      "/** @type {number} */ let x = 1;",
      (tree) => {
        const [declaration] = all(tree, isVariableDeclaration);
        assert.ok(declaration?.type);
        assert.equal(written(tree, declaration.type), "number");
        assert.ok(declaration.type.end < declaration.pos);
        assert.ok(declaration.type.flags & NodeFlags.Reparsed);
        const [statement] = tree.statements;
        assert.ok(statement && isVariableStatement(statement));
        assert.equal(statement.jsDoc?.length, 1);
      },
      "a.js",
    ));

  it("take blanks before JSX text for trivia, so that its start is its pos", () =>
    parse("<div> t <b/></div>;", (tree) => {
      const [element] = all(tree, isJsxElement);
      const [text] = element?.children ?? [];
      assert.ok(text);
      assert.equal(tree.text.slice(text.pos, text.end), " t ");
    }));

  it("put the arrow's parameter list around its parentheses' inside, or the one name", () =>
    parse("(a, b) => 1; c => 2;", (tree) => {
      const ranges = all(tree, isArrowFunction).map(({ parameters }) =>
        tree.text.slice(parameters.pos, parameters.end),
      );
      assert.deepEqual(ranges, ["a, b", " c"]);
    }));

  it("skip a hash-bang and keep directives as statements", () =>
    parse("#!/usr/bin/env node\n'use strict';\nfunction f() { 'use strict'; }", (tree) => {
      assert.equal(tree.statements[0]?.getStart(tree), 20);
      assert.equal(all(tree, isFunctionDeclaration)[0]?.body?.statements.length, 1);
    }));

  after(async () => assert.equal((await sharedHost()).liveSnapshots, 1));
});
