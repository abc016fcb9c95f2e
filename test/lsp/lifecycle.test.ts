/** The server over its life: compilers die, clients die, settings and files change. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Client, startClient, uriOf } from "./client.js";
import { captured, makeProject, moved } from "./fixture.js";

/** The native compiler that the server says it started. */
function compilerPid(client: Client): number {
  const pids = client.log.map((line) => /compiler (\d+) started/.exec(line)?.[1]).filter((pid) => pid !== undefined);
  return Number(pids.at(-1));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A process that ended but was not waited for is no process any more.
  if (process.platform !== "linux") return true;
  return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

async function untilGone(pid: number): Promise<void> {
  for (let turn = 0; turn < 1000 && isAlive(pid); turn++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(!isAlive(pid), `process ${pid} is still there`);
}

describe("lsp: life", () => {
  const folder = makeProject();
  after(() => folder.remove());

  it("ends in order, and takes the compiler with it", async () => {
    const client = await startClient({ folders: [folder.root] });
    const uri = uriOf(folder.path("a.ts"));
    client.open(uri, captured);
    await client.diagnostics(uri);
    const pid = compilerPid(client);
    assert.ok(isAlive(pid));
    assert.equal(await client.stop(), 0);
    await untilGone(pid);
  });

  it("takes the compiler with it when it is killed", async () => {
    const client = await startClient({ folders: [folder.root] });
    const uri = uriOf(folder.path("a.ts"));
    client.open(uri, captured);
    await client.diagnostics(uri);
    const pid = compilerPid(client);
    client.process.kill("SIGKILL");
    await untilGone(pid);
  });

  it("ends when its client is gone", async () => {
    const client = await startClient({ folders: [folder.root] });
    const ended = once(client.process, "exit");
    client.process.stdin?.end();
    await ended;
  });

  it("gets another compiler when one is killed, keeps what is on screen, and says so", async function () {
    this.timeout(60_000);
    const client = await startClient({ folders: [folder.root] });
    const uri = uriOf(folder.path("a.ts"));
    client.open(uri, captured);
    assert.equal((await client.diagnostics(uri)).length, 1);
    for (let life = 0; life < 3; life++) {
      const pid = compilerPid(client);
      process.kill(pid, "SIGKILL");
      client.change(uri, moved);
      assert.deepEqual(await client.diagnostics(uri), []);
      client.change(uri, captured);
      assert.equal((await client.diagnostics(uri)).length, 1);
      assert.notEqual(compilerPid(client), pid);
    }
    await client.until("ready again", () => client.statuses.at(-1)?.state === "ready");
    assert.ok(client.log.some((line) => /compiler \d+ gone/.test(line)));
    await client.stop();
  });

  it("tells how it is and what it found", async () => {
    const client = await startClient({ folders: [folder.root] });
    const uri = uriOf(folder.path("a.ts"));
    client.open(uri, captured);
    await client.diagnostics(uri);
    await client.until("a count", () => client.statuses.at(-1)?.errors === 1);
    assert.deepEqual(client.statuses.at(-1), { state: "ready", errors: 1, warnings: 0, hints: 0, checked: 1 });
    client.close(uri);
    await client.until("none", () => client.statuses.at(-1)?.checked === 0);
    await client.stop();
  });

  it("says what to do where there is no compiler, and goes on living", async () => {
    const env = { FEARLESS_THREADS_TSC: folder.path("no-such-compiler") };
    const client = await startClient({ folders: [folder.root], env });
    const uri = uriOf(folder.path("a.ts"));
    client.open(uri, captured);
    await assert.rejects(client.pull(uri), /no-such-compiler/);
    await client.until("failed", () => client.statuses.some(({ state }) => state === "failed"));
    client.change(uri, "export {};\n");
    assert.deepEqual(await client.diagnostics(uri), []);
    await client.stop();
  });

  it("talks over node IPC where an editor forks it", async () => {
    const module = fileURLToPath(new URL("../../server/dist/server.js", import.meta.url));
    const child = spawn(process.execPath, [module, "--node-ipc"], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.send({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { processId: process.pid, rootUri: null, capabilities: {} },
    });
    const [answer] = await once(child, "message");
    assert.equal(answer.result.serverInfo.name, "fearless-threads");
    child.kill();
    await once(child, "exit");
  });
});

describe("lsp: settings", () => {
  const folder = makeProject();
  const uri = uriOf(folder.path("a.ts"));
  after(() => folder.remove());

  it("asks for the rules' levels, and asks again when they change", async () => {
    let rules: Record<string, string> = { "capture-without-move": "hint" };
    let enable = true;
    const client = await startClient({ folders: [folder.root], settings: () => ({ enable, rules }) });
    const severities = async (): Promise<readonly unknown[]> =>
      (await client.diagnostics(uri)).map(({ severity }) => severity);
    const changed = async (): Promise<void> => {
      const before = client.refreshes();
      await client.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
      await client.until("a refresh", () => client.refreshes() > before);
    };
    client.open(uri, captured);
    assert.deepEqual(await severities(), [4]);
    rules = { "capture-without-move": "off" };
    await changed();
    assert.deepEqual(await severities(), []);
    rules = { "capture-without-move": "loud", "no-such-rule": "error" };
    await changed();
    assert.deepEqual(await severities(), [1]);
    assert.ok(client.log.some((line) => line.includes("no-such-rule")));
    enable = false;
    await changed();
    assert.deepEqual(await severities(), []);
    await client.stop();
  });

  it("takes settings that are sent along, from clients that cannot be asked", async () => {
    const client = await startClient({ folders: [folder.root], mode: "push" });
    client.open(uri, captured);
    await client.pushedWhere(uri, ({ diagnostics }) => diagnostics.length === 1);
    await client.connection.sendNotification("workspace/didChangeConfiguration", {
      settings: { fearlessThreads: { rules: { "capture-without-move": "off" } } },
    });
    await client.pushedWhere(uri, ({ diagnostics }) => diagnostics.length === 0);
    await client.stop();
  });

  it("reads the nearest config file, and reads it again when it changes", async () => {
    const client = await startClient({ folders: [folder.root] });
    const file = uriOf(folder.path("nested/b.ts"));
    client.open(file, captured);
    assert.equal((await client.diagnostics(file))[0]?.severity, 1);
    const configs = [
      ['{ "rules": { "capture-without-move": "warning" } }', [2]],
      ['{ "rules": { "capture-without-move": ', [1]],
      ['{ "rules": { "capture-without-move": "off" } }', []],
    ] as const;
    for (const [text, expected] of configs) {
      const config = folder.write("nested/fearless-threads.config.json", text);
      const before = client.refreshes();
      await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
        changes: [{ uri: uriOf(config), type: 2 }],
      });
      await client.until("a refresh", () => client.refreshes() > before);
      assert.deepEqual(
        (await client.diagnostics(file)).map(({ severity }) => severity),
        expected,
      );
    }
    assert.ok(
      client.log.some((line) => /fearless-threads\.config\.json:1:\d+: /.test(line)),
      client.log.join("\n"),
    );
    await client.stop();
  });
});

describe("lsp: folders and files", () => {
  it("serves several folders, added and removed, each with its own settings", async () => {
    const one = makeProject({ "fearless-threads.config.json": '{ "rules": { "capture-without-move": "warning" } }' });
    const two = makeProject();
    const client = await startClient({ folders: [one.root] });
    const [first, second] = [uriOf(one.path("a.ts")), uriOf(two.path("a.ts"))];
    client.open(first, captured);
    const before = client.refreshes();
    await client.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [{ uri: uriOf(two.root), name: "two" }], removed: [] },
    });
    await client.until("a refresh", () => client.refreshes() > before);
    client.open(second, captured);
    assert.equal((await client.diagnostics(first))[0]?.severity, 2);
    assert.equal((await client.diagnostics(second))[0]?.severity, 1);
    await client.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [], removed: [{ uri: uriOf(one.root), name: "one" }] },
    });
    client.close(first);
    assert.equal((await client.diagnostics(second)).length, 1);
    await client.stop();
    for (const folder of [one, two]) folder.remove();
  });

  it("sees what changes on disk", async () => {
    const folder = makeProject({ "lib.ts": "export const start = (f: () => number): number => f();\n" });
    const client = await startClient({ folders: [folder.root] });
    const uri = uriOf(folder.path("main.ts"));
    // A file that has nothing to do with threads, until the one it imports has.
    client.open(uri, 'import { start } from "./lib.js";\nexport const n = start(() => 1);\n');
    assert.deepEqual(await client.diagnostics(uri), []);
    const path = folder.write("lib.ts", captured.replace("main()", "start(f: () => number)"));
    const before = client.refreshes();
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
      changes: [{ uri: uriOf(path), type: 2 }],
    });
    await client.until("a refresh", () => client.refreshes() > before);
    await client.diagnostics(uri);
    await client.until("the file to be looked at", () => client.statuses.at(-1)?.checked === 1);
    await client.stop();
    folder.remove();
  });

  it("says once that a file is too long to be looked at", async () => {
    const folder = makeProject();
    const client = await startClient({ folders: [folder.root] });
    const said: string[] = [];
    client.connection.onNotification("window/showMessage", ({ message }: { message: string }) => {
      said.push(message);
    });
    const uri = uriOf(folder.path("huge.ts"));
    client.open(uri, `${captured}// ${"x".repeat(2_100_000)}\n`);
    assert.deepEqual(await client.diagnostics(uri), []);
    client.change(uri, "// more\n", { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
    assert.deepEqual(await client.diagnostics(uri), []);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /huge\.ts is left out\. It is 2\.1 MB long/);
    await client.stop();
    folder.remove();
  });
});
