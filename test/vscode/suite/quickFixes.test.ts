import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, editBy, findings, openFile, ruleOf, select, until, untilRules } from "./editor.js";

const importLine = 'import { Arc, move, Mutex, thread } from "fearless-threads";\n';

/** For each rule a bug, and where the cursor stands on it. */
const bugs = [
  {
    rule: "capture-without-move",
    text: `${importLine}const numbers = [1, 2];\nconst h = thread.spawn(() => numbers.length);\n(await h.join()).unwrap();\n`,
  },
  {
    rule: "unjoined-handle",
    text: `${importLine}export function start() {\n  thread.spawn(() => 1);\n}\n`,
  },
  {
    rule: "unjoined-handle",
    text: `${importLine}export async function start() {\n  const handle = thread.spawn(() => 1);\n  console.log("started");\n}\n`,
  },
  {
    rule: "shared-mutable-without-mutex",
    text:
      `${importLine}let counter = 0;\nconst h = thread.spawn(() => {\n  counter += 1;\n});\n` +
      "(await h.join()).unwrap();\nconsole.log(counter);\n",
  },
];

/** TypeScript has quick fixes of its own in the same places. */
const typescriptsOwn =
  /^(Remove|Prefix|Delete|Add|Convert|Infer|Update|Change) (all )?(unused|import|declaration|missing|'|to )/;

async function actionsFor(document: vscode.TextDocument, finding: vscode.Diagnostic): Promise<vscode.CodeAction[]> {
  const kind = vscode.CodeActionKind.QuickFix.value;
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    finding.range,
    kind,
    100,
  );
  return actions.filter(({ title }) => !typescriptsOwn.test(title));
}

function findingOf(document: vscode.TextDocument, rule: string): Promise<vscode.Diagnostic> {
  return until(`a finding of ${rule}`, () => findings(document).find((finding) => ruleOf(finding) === rule));
}

describe("quick fixes", () => {
  afterEach(closeAll);

  for (const [index, { rule, text }] of bugs.entries()) {
    it(`each fix of ${rule} (${index + 1}) removes the finding when it is applied`, async () => {
      const first = await openFile(text);
      const titles = (await actionsFor(first.document, await findingOf(first.document, rule)))
        .map(({ title }) => title)
        .filter((title) => !title.startsWith("Disable"));
      assert.ok(titles.length > 0, "there is a fix");
      for (const title of titles) {
        const { document } = await openFile(text);
        const finding = await findingOf(document, rule);
        const action = (await actionsFor(document, finding)).find((offered) => offered.title === title);
        assert.ok(action?.edit, `"${title}" is offered again, with an edit`);
        assert.ok(await vscode.workspace.applyEdit(action.edit), `"${title}" applies`);
        await until(`"${title}" repairs\n${text}\ninto\n${document.getText()}`, () =>
          findings(document).every((left) => ruleOf(left) !== rule),
        );
        await closeAll();
      }
    });
  }

  it("the preferred fix is applied by Auto Fix, and undone in one step", async () => {
    const { rule, text } = bugs[0]!;
    const editor = await openFile(text);
    await findingOf(editor.document, rule);
    select(editor, "numbers.length");
    editor.selection = new vscode.Selection(editor.selection.start, editor.selection.start);
    await editBy(editor.document, "editor.action.autoFix");
    await untilRules(editor.document, []);
    assert.match(editor.document.getText(), /thread\.spawn\(move\(numbers\), \(numbers\) => numbers\.length\)/);
    await vscode.commands.executeCommand("undo");
    assert.equal(editor.document.getText(), text);
    await untilRules(editor.document, [rule]);
  });

  it("Fix All repairs what can be repaired in the file", async () => {
    const bug = (name: string): string =>
      `const ${name} = [1];\n(await thread.spawn(() => ${name}.length).join()).unwrap();\n`;
    const editor = await openFile(importLine + bug("first") + bug("second") + bug("third"));
    await untilRules(editor.document, Array(3).fill("capture-without-move"));
    await editBy(editor.document, "editor.action.codeAction", {
      kind: "source.fixAll.fearlessThreads",
      apply: "first",
    });
    await untilRules(editor.document, []);
  });

  it("a finding can be disabled for its line", async () => {
    const { rule, text } = bugs[0]!;
    const { document } = await openFile(text);
    const actions = await actionsFor(document, await findingOf(document, rule));
    const disable = actions.find(({ title }) => /^Disable .* for this line$/.test(title));
    assert.ok(disable?.edit);
    assert.ok(await vscode.workspace.applyEdit(disable.edit));
    assert.match(document.getText(), new RegExp(`// fearless-threads-ignore ${rule}: `));
    await untilRules(document, []);
  });
});
