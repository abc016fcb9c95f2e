import assert from "node:assert/strict";
import { isIdentifier, type Node, type SourceFile } from "typescript/ast";
import { withProject } from "../support/project.js";

describe("resolve", () => {
  it("names what an imported name refers to, and its type", async () => {
    const files = {
      "src/a.ts": "import { k } from './b.js'; export const a = k.join(1);",
      "src/b.ts": "export const k = { join: (n: number) => n };",
    };
    await withProject(files, async (snapshot, path) => {
      const file = path("src/a.ts");
      const tree = await snapshot.tree(file);
      assert.ok(tree);
      const [, , , join] = identifiers(tree);
      assert.ok(join);
      const answers = await snapshot.resolve(file, [
        { node: join, want: "symbol" },
        { node: join, want: "type" },
      ]);
      assert.deepEqual(answers.symbol(join), {
        package: undefined,
        file: path("src/b.ts"),
        name: "k.join",
        offset: 19,
      });
      assert.deepEqual(answers.type(join), { kind: "function", returns: { kind: "primitive", name: "number" } });
    });
  });
});

function identifiers(tree: SourceFile): readonly Node[] {
  const found: Node[] = [];
  const visit = (node: Node): void => {
    if (isIdentifier(node)) found.push(node);
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}
