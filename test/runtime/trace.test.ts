import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { move, type ThreadEvent, ThreadPool, thread, threadChannel } from "fearless-threads";
import { Workspace } from "./process.js";

const file = fileURLToPath(import.meta.url);
const lineOf = (marker: string): number =>
  readFileSync(file, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(`// ${marker}`)) + 1;

describe("the trace", () => {
  let events: ThreadEvent[] = [];
  const listen = (event: unknown) => void events.push(event as ThreadEvent);
  beforeEach(() => {
    events = [];
    subscribe(threadChannel, listen);
    thread.setPanicHook(() => {});
  });
  afterEach(() => {
    unsubscribe(threadChannel, listen);
    thread.setPanicHook(undefined);
  });

  it("tells of each thread once: started, finished, joined, and where it was spawned", async () => {
    const handle = new thread.Builder()
      .name("traced")
      .spawn(() => 1) // spawned
      .unwrap();
    (await handle.join()).unwrap();
    assert.deepEqual(
      events.map(({ type, name, id, parent }) => ({ type, name, id, parent })),
      ["started", "joined", "finished"].map((type) => ({ type, name: "traced", id: handle.thread().id, parent: 0 })),
    );
    assert.deepEqual([events[0]?.spawnedAt?.file, events[0]?.spawnedAt?.line], [file, lineOf("spawned")]);
    assert.ok(Math.abs((events[0]?.time ?? 0) - Date.now()) < 60_000);
  });

  it("tells of a panic: its kind, message and place", async () => {
    const handle = thread.spawn(() => {
      throw new Error("traced panic"); // panics
    });
    await handle.join();
    const panicked = events.find((event) => event.type === "panicked");
    assert.ok(panicked?.type === "panicked");
    assert.deepEqual(
      [panicked.kind, panicked.message, panicked.position?.line],
      ["thrown", "traced panic", lineOf("panics")],
    );
  });

  it("tells of threads that threads have started", async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      const inner = thread.spawn(() => 1);
      (await inner.join()).unwrap();
      return inner.thread().id;
    });
    const inner = (await handle.join()).unwrap();
    const told = events.filter((event) => event.id === inner);
    assert.deepEqual(
      told.map(({ type, parent }) => [type, parent]),
      ["started", "joined", "finished"].map((type) => [type, handle.thread().id]),
    );
  });

  it("tells of a detached thread", async () => {
    const handle = thread.spawn(() => 1);
    handle.detach();
    await handle.join();
    assert.ok(events.some((event) => event.type === "detached"));
  });

  it("tells who was joined before their turn in a pool came", async () => {
    const pool = new ThreadPool({ size: 1, name: "queue" });
    const handles = [1, 2, 3, 4, 5, 6].map((n) => pool.spawn(move(n), (n) => n * 2));
    const values = await Promise.all(handles.map(async (handle) => (await handle.join()).unwrap()));
    await pool.join();
    assert.deepEqual(values, [2, 4, 6, 8, 10, 12]);
    const ids = (type: string): readonly number[] =>
      events.flatMap((event) => (event.type === type ? event.id : [])).sort((a, b) => a - b);
    assert.deepEqual(ids("joined"), ids("started"));
    assert.equal(ids("joined").length, 6);
  });

  it("tells while the process exits which threads were killed", async () => {
    const workspace = new Workspace();
    workspace.write(
      "killed.mjs",
      `import { subscribe } from "node:diagnostics_channel";
       import { thread } from "fearless-threads";
       const seen = [];
       subscribe("fearless-threads:thread", ({ type, name }) => seen.push(name + " " + type));
       process.on("exit", () => process.stdout.write(JSON.stringify(seen)));
       const start = (name, f) => new thread.Builder().name(name).spawn(f).unwrap();
       const outer = start("outer", async () => {
         const { thread } = await import("fearless-threads");
         new thread.Builder().name("inner").spawn(() => { for (;;) {} }).unwrap();
         return 1;
       });
       await start("joined", () => 1).join();
       await outer.join();
       start("forgotten", () => { for (;;) {} });`,
    );
    const ended = await workspace.node("killed.mjs");
    workspace.remove();
    const seen: string[] = JSON.parse(ended.stdout);
    assert.deepEqual(seen.filter((text) => text.endsWith("killed")).sort(), ["forgotten killed", "inner killed"]);
    assert.equal(seen.filter((text) => text.endsWith("started")).length, 4);
  });
});
