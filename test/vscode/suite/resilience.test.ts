import assert from "node:assert/strict";
import * as vscode from "vscode";
import { type Process, processes } from "../support/processes.js";
import { closeAll, openFile, retype, until, untilRules } from "./editor.js";

/** The language server that this extension host started. */
function server(): Process | undefined {
  return processes().find(({ parent, command }) => parent === process.pid && command.includes("server/dist/server.js"));
}

/** The compiler that this server started. */
function compiler(): Process | undefined {
  const parent = server()?.pid;
  return processes().find((found) => found.parent === parent && /\btsc\b.*--api/.test(found.command));
}

const bug = `import { move, thread } from "fearless-threads";
const v = [1];
(await thread.spawn(() => v.length).join()).unwrap();
export { move };
`;

describe("when a process dies", () => {
  afterEach(closeAll);

  for (const [name, find] of [
    ["server", server],
    ["compiler", compiler],
  ] as const) {
    it(`the ${name}: another one takes over, and findings follow what is typed`, async () => {
      const editor = await openFile(bug);
      await untilRules(editor.document, ["capture-without-move"]);
      const first = await until(`a ${name}`, find);
      process.kill(first.pid, "SIGKILL");
      await until(`the ${name} to be gone`, () => processes().every(({ pid }) => pid !== first.pid));
      await retype(editor, "() =>", "move(v), (v) =>");
      await untilRules(editor.document, []);
      await retype(editor, "move(v), (v) =>", "() =>");
      await untilRules(editor.document, ["capture-without-move"]);
      const second = await until(`another ${name}`, find);
      assert.notEqual(second.pid, first.pid);
    });
  }

  it("the server, and the next one while it starts: a third takes over", async () => {
    const editor = await openFile(bug);
    await untilRules(editor.document, ["capture-without-move"]);
    const killed = [await until("a server", server)];
    process.kill(killed[0]!.pid, "SIGKILL");
    const another = () => (killed.some(({ pid }) => pid === server()?.pid) ? undefined : server());
    killed.push(await until("a server that starts", another));
    process.kill(killed[1]!.pid, "SIGKILL");
    await until("a third server", another);
    await retype(editor, "() =>", "move(v), (v) =>");
    await untilRules(editor.document, []);
  });

  it("Restart the Server starts another one", async () => {
    const editor = await openFile(bug);
    await untilRules(editor.document, ["capture-without-move"]);
    const first = await until("a server", server);
    await vscode.commands.executeCommand("fearlessThreads.restartServer");
    await until("another server", () => {
      const now = server();
      return now !== undefined && now.pid !== first.pid;
    });
    await untilRules(editor.document, ["capture-without-move"]);
  });
});
