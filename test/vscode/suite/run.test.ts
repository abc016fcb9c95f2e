import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { RunSummary } from "../../../server/src/run/events.js";
import { closeAll, openFile, openUntitled, retype, type, until } from "./editor.js";

const program = `import { move, thread } from "fearless-threads";
const numbers: number[] = [1, 2, 3];
const handle = thread.spawn(move(numbers), (numbers) => numbers.reduce((a, b) => a + b, 0));
console.log("sum", (await handle.join()).unwrap());
`;

const panicking = `import { thread } from "fearless-threads";
const handle = thread.spawn(() => {
  throw new Error("Oops");
});
const result = await handle.join();
console.log(result.ok);
`;

function run(): Thenable<RunSummary | undefined> {
  return vscode.commands.executeCommand<RunSummary | undefined>("fearlessThreads.run");
}

function output(): vscode.TextDocument {
  const shown = vscode.workspace.textDocuments.find(({ languageId }) => languageId === "fearless-threads-run");
  assert.ok(shown, "the output is shown");
  return shown;
}

async function untilPrinted(expected: RegExp): Promise<void> {
  await until(`${expected} in the output:\n`, () => expected.test(output().getText())).catch((error) => {
    throw new Error(error.message + output().getText());
  });
}

function problems(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "fearless-threads run");
}

describe("Run on real workers", () => {
  afterEach(closeAll);

  it("runs a TypeScript file as it is, streams its output and counts its threads", async () => {
    await openFile(program);
    const summary = await run();
    assert.deepEqual(
      { ...summary, milliseconds: 0 },
      { started: 1, joined: 1, panicked: 0, killed: 0, exitCode: 0, milliseconds: 0, cancelled: false },
    );
    await untilPrinted(
      /^▶ case-\d+\.ts .*\nsum 6\nthreads: 1 started, 1 joined, 0 panicked, 0 killed un-joined — exit 0 in \d+ ms$/m,
    );
  });

  it("runs what is in the editor and not what is on disk", async () => {
    const editor = await openFile(program);
    await retype(editor, "[1, 2, 3]", "[40, 2]");
    assert.ok(editor.document.isDirty);
    await run();
    await untilPrinted(/^sum 42$/m);
  });

  it("runs a text that was never saved", async () => {
    await openUntitled(program);
    await run();
    await untilPrinted(/^sum 6$/m);
  });

  it("runs JavaScript, with the unsaved text of a module that it imports", async () => {
    const helper = await openFile("export const word = 1;\n", "js");
    await retype(helper, "1", "'unsaved'");
    const name = helper.document.uri.path.split("/").at(-1);
    await openFile(`import "fearless-threads";\nimport { word } from "./${name}";\nconsole.log("word", word);\n`, "js");
    await run();
    await untilPrinted(/^word unsaved$/m);
  });

  it("shows a panic as a problem at its place, until the text is edited", async () => {
    const editor = await openFile(panicking);
    const summary = await run();
    assert.equal(summary?.panicked, 1);
    assert.equal(summary?.exitCode, 0, "a panic does not take the program down");
    const [problem] = await until(
      "the problem",
      () => problems(editor.document).length > 0 && problems(editor.document),
    );
    assert.match(problem!.message, /^thread '.*' panicked: Oops$/);
    assert.equal(problem!.range.start.line, 2);
    await untilPrinted(/^thread '.*' panicked at case-\d+\.ts:3:\d+: ?\n?.*Oops/m);
    await type(" ");
    await until("no problem after an edit", () => problems(editor.document).length === 0);
  });

  it("links each place in the output to the source", async () => {
    const editor = await openFile(panicking);
    await run();
    await untilPrinted(/^threads: /m);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      "vscode.executeLinkProvider",
      output().uri,
    );
    const target = links.map((link) => link.target).find((uri) => uri?.fragment.startsWith("L3,"));
    assert.equal(target?.path, editor.document.uri.path);
  });

  it("shows what nobody caught as a problem", async () => {
    const editor = await openFile('import "fearless-threads";\nconst text: string = "a";\nnull!.boom(text);\n');
    const summary = await run();
    assert.equal(summary?.exitCode, 1);
    const [problem] = await until(
      "the problem",
      () => problems(editor.document).length > 0 && problems(editor.document),
    );
    assert.match(problem!.message, /^Uncaught TypeError: /);
    assert.equal(problem!.range.start.line, 2);
  });

  it("counts threads that nobody joined as killed", async () => {
    await openFile('import { thread } from "fearless-threads";\nthread.spawn(() => {\n  for (;;) {}\n});\n');
    const summary = await run();
    assert.equal(summary?.started, 1);
    assert.equal(summary?.joined, 0);
    assert.equal(summary?.killed, 1);
  });

  it("can be stopped", async () => {
    await openFile('import "fearless-threads";\nconsole.log("waiting");\nsetInterval(() => {}, 1000);\n');
    const running = run();
    await until("the program to start", () =>
      vscode.workspace.textDocuments.some(
        ({ languageId, getText }) => languageId === "fearless-threads-run" && /^waiting$/m.test(getText()),
      ),
    );
    await vscode.commands.executeCommand("fearlessThreads.stop");
    assert.equal((await running)?.cancelled, true);
    await untilPrinted(/ — stopped in \d+ ms$/m);
  });

  it("offers itself above the import, and nowhere else", async () => {
    const { document } = await openFile(program);
    const lenses = (uri: vscode.Uri): Thenable<vscode.CodeLens[]> =>
      vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 10);
    const ours = (await lenses(document.uri)).filter(({ command }) => command?.command === "fearlessThreads.run");
    assert.equal(ours.length, 1);
    assert.equal(ours[0]!.range.start.line, 0);
    assert.match(ours[0]!.command!.title, /Run on real workers/);
    const other = await openFile("export const x = 1;\n");
    assert.ok((await lenses(other.document.uri)).every(({ command }) => command?.command !== "fearlessThreads.run"));
  });
});
