import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type ActivityEvent,
  Arc,
  activityChannel,
  drop,
  Mutex,
  move,
  mpsc,
  type ThreadEvent,
  ThreadPool,
  thread,
  threadChannel,
} from "fearless-threads";
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

describe("what threads are doing", () => {
  let events: ActivityEvent[] = [];
  const listen = (event: unknown) => void events.push(event as ActivityEvent);
  beforeEach(() => {
    events = [];
    subscribe(activityChannel, listen);
  });
  afterEach(() => {
    unsubscribe(activityChannel, listen);
  });

  const waits = () => events.filter((event) => event.type === "waiting");
  const resumed = ({ id, wait }: { id: number; wait: number }) =>
    events.find((event) => event.type === "resumed" && event.id === id && event.wait === wait);

  it("is told: a closure runs and ends, before its parent hears of it", async () => {
    const handle = thread.spawn(() => 1);
    await handle.join();
    const { id } = handle.thread();
    const own = events.filter((event) => event.id === id);
    assert.deepEqual(
      own.map(({ type }) => type),
      ["running", "ended"],
    );
    assert.ok((own[0]?.time ?? 0) <= (own[1]?.time ?? 0));
  });

  for (const how of ["lock", "lockSync"] as const) {
    it(`says who had the lock that ${how} waits for, and where it is asked for`, async () => {
      const lock = Arc.new(new Mutex(0));
      const held = lock.lockSync().unwrap();
      const [sender, ready] = mpsc.channel<boolean>();
      const blocking = (lock: Arc<Mutex<number>>, sender: mpsc.Sender<boolean>) => {
        sender.send(true).unwrap();
        lock.lockSync().unwrap()[Symbol.dispose](); // by lockSync
      };
      const awaiting = async (lock: Arc<Mutex<number>>, sender: mpsc.Sender<boolean>) => {
        sender.send(true).unwrap();
        (await lock.lock()).unwrap()[Symbol.dispose](); // by awaiting lock
      };
      const closure = how === "lock" ? awaiting : blocking;
      const handle = thread.spawn(move(lock.clone(), sender), closure);
      (await ready.recv()).unwrap();
      await thread.sleep(50);
      drop(held);
      (await handle.join()).unwrap();
      const [wait] = waits().filter(({ id }) => id === handle.thread().id);
      assert.ok(wait, "it was told");
      assert.deepEqual(
        [wait.what, wait.of, wait.at?.file, wait.at?.line],
        ["Mutex", 0, file, lineOf(how === "lock" ? "by awaiting lock" : "by lockSync")],
      );
      assert.ok((resumed(wait)?.time ?? 0) > wait.time);
    });
  }

  it("says which thread is joined, of threads in threads too", async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      const inner = thread.spawn(() => {
        for (const end = Date.now() + 30; Date.now() < end; );
      });
      (await inner.join()).unwrap(); // inner join
      return inner.thread().id;
    });
    const inner = (await handle.join()).unwrap(); // outer join
    const joins = waits().filter(({ what }) => what === "join");
    assert.deepEqual(
      joins.map(({ id, of, at }) => [id, of, at?.line]),
      [
        [0, handle.thread().id, lineOf("outer join")],
        [handle.thread().id, inner, lineOf("inner join")],
      ],
    );
  });

  it("says which task of a pool is joined, by whoever waits or blocks", async () => {
    const pool = new ThreadPool({ size: 1 });
    const handles = [1, 2].map(() =>
      pool.spawn(() => {
        for (const end = Date.now() + 20; Date.now() < end; );
      }),
    );
    const [awaited, blocked] = handles;
    await awaited?.join();
    blocked?.joinSync().unwrap();
    await pool.join();
    const joined = waits().filter(({ id, what }) => id === 0 && what === "join");
    assert.deepEqual(
      joined.map(({ of }) => of),
      handles.map((handle) => handle.thread().id),
    );
    assert.ok(joined.every((wait) => resumed(wait) !== undefined));
  });

  it("tells of a wait that never ends, and of nothing that is over at once", async () => {
    const lock = new Mutex(0);
    for (let turn = 0; turn < 100; turn++) drop((await lock.lock()).unwrap());
    assert.deepEqual(events, []);
    const held = lock.lockSync().unwrap();
    const controller = new AbortController();
    const endless = lock.lock({ signal: controller.signal });
    await thread.sleep(50);
    const [wait] = waits();
    assert.ok(wait !== undefined && resumed(wait) === undefined);
    controller.abort(new RangeError("enough"));
    await assert.rejects(endless, RangeError);
    assert.ok(resumed(wait) !== undefined);
    drop(held);
  });
});
