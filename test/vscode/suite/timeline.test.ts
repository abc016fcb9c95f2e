import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, openFile, until } from "./editor.js";

const program = `import { thread } from "fearless-threads";
const handle = thread.spawn(() => 1);
(await handle.join()).unwrap();
`;

function timelines(): readonly vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
  return tabs.filter(
    ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith("fearlessThreads.timeline"),
  );
}

function lenses(uri: vscode.Uri): Thenable<vscode.CodeLens[]> {
  return vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 10);
}

async function offersTimeline(uri: vscode.Uri): Promise<boolean> {
  return (await lenses(uri)).some(({ command }) => command?.command === "fearlessThreads.showTimeline");
}

describe("The timeline", () => {
  afterEach(closeAll);

  it("is offered above the import once the file has run, and opens beside the code", async () => {
    const { document } = await openFile(program);
    assert.equal(await offersTimeline(document.uri), false);
    await vscode.commands.executeCommand("fearlessThreads.run");
    assert.equal(await offersTimeline(document.uri), true);
    await vscode.commands.executeCommand("fearlessThreads.showTimeline");
    const [tab] = await until("the timeline", () => timelines().length > 0 && timelines());
    assert.equal(tab?.label, `Timeline: ${document.uri.path.split("/").at(-1)}`);
    assert.equal(tab?.group.viewColumn, vscode.ViewColumn.Two);
    // While columns are made, VS Code has no active editor for a moment.
    await until("the code to have the focus", () => vscode.window.activeTextEditor?.document === document);
  });

  it("is one, however often it is asked for, and follows the next run", async () => {
    await openFile(program);
    await vscode.commands.executeCommand("fearlessThreads.run");
    await vscode.commands.executeCommand("fearlessThreads.showTimeline");
    await vscode.commands.executeCommand("fearlessThreads.showTimeline");
    const { document } = await openFile(program);
    await vscode.commands.executeCommand("fearlessThreads.run");
    const label = `Timeline: ${document.uri.path.split("/").at(-1)}`;
    await until("the title of the next run", () => timelines()[0]?.label === label);
    assert.equal(timelines().length, 1);
  });

  it("opens by itself where the settings say so", async () => {
    const settings = vscode.workspace.getConfiguration("fearlessThreads.run");
    await settings.update("openTimeline", true, vscode.ConfigurationTarget.Workspace);
    try {
      await openFile(program);
      assert.equal(timelines().length, 0);
      await vscode.commands.executeCommand("fearlessThreads.run");
      await until("the timeline", () => timelines().length === 1);
    } finally {
      await settings.update("openTimeline", undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
