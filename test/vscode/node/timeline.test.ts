/** What the timeline makes of a run: real programs, run as the editor runs them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Lane, type Timeline, timelineOf } from "../../../client/src/timeline/timeline.js";
import { endText, summaryText, waitText } from "../../../client/webview/words.js";
import type { RunEvent } from "../../../server/src/run/events.js";
import { partsIn, runProgram } from "../../../server/src/run/program.js";
import { makeWorkspace } from "../support/workspace.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const parts = partsIn(join(root, "server/dist"));

const files = {
  "kitchen.ts": `import { thread } from "fearless-threads";
const named = (name: string) => new thread.Builder().name(name);
const soup = named("soup").spawn(() => 1).unwrap();
const burnt = named("roast").spawn(() => {
  throw new Error("burnt");
}).unwrap();
named("radio").spawn(() => {
  for (;;);
}).unwrap();
await soup.join();
await burnt.join();
`,
  "deadlock.ts": `import { Arc, Mutex, move, thread } from "fearless-threads";
const lock = Arc.new(new Mutex(0));
const mine = lock.lockSync().unwrap();
const waiter = new thread.Builder().name("waiter").spawn(move(lock.clone()), (lock) => {
  lock.lockSync().unwrap();
}).unwrap();
await waiter.join();
mine.value = 1;
`,
  "families.ts": `import { thread } from "fearless-threads";
const outer = new thread.Builder().name("outer").spawn(async () => {
  const { thread } = await import("fearless-threads");
  const inner = new thread.Builder().name("inner").spawn(() => 1).unwrap();
  await inner.join();
}).unwrap();
const last = new thread.Builder().name("last").spawn(() => 1).unwrap();
await outer.join();
await last.join();
`,
  "alone.ts": 'import "fearless-threads";\nconsole.log("alone");\n',
};

describe("the timeline", function () {
  this.timeout(60_000);
  let workspace: { readonly folder: string; remove(): Promise<void> };
  before(async () => {
    workspace = await makeWorkspace(files);
  });
  after(() => workspace.remove());

  function start(file: string) {
    const events: RunEvent[] = [];
    const path = join(workspace.folder, file);
    const run = runProgram(
      { file: path, cwd: workspace.folder, node: process.execPath, parts, output: "events", activity: true },
      (event) => events.push(event),
    );
    return { run, events, path };
  }

  async function timelineOfRun(file: string): Promise<Timeline> {
    const { run, events } = start(file);
    await run.summary;
    return timelineOf(events, "over");
  }

  function lane({ lanes }: Timeline, name: string): Lane {
    const found = lanes.find((lane) => lane.name === name);
    assert.ok(found, `${name} has a lane`);
    return found;
  }

  it("has a row for each thread: who started it, where, and how it ended", async () => {
    const timeline = await timelineOfRun("kitchen.ts");
    assert.deepEqual(
      timeline.lanes.map(({ name, parent, outcome, handle, spawnedAt }) => [
        name,
        parent,
        outcome,
        handle,
        spawnedAt?.line,
      ]),
      [
        ["main", undefined, "finished", "kept", undefined],
        ["soup", 0, "finished", "joined", 3],
        ["roast", 0, "panicked", "joined", 4],
        ["radio", 0, "killed", "kept", 7],
      ],
    );
    assert.deepEqual(lane(timeline, "roast").panic?.message, "burnt");
    assert.equal(lane(timeline, "roast").panic?.at?.line, 5);
    for (const { start, began, end } of timeline.lanes) {
      assert.ok(0 <= start && start <= began && began <= end && end <= timeline.end);
    }
    assert.match(summaryText(timeline), /^3 threads in [\d.]+ m?s: 2 joined, 1 panicked, 1 killed$/);
    assert.match(endText(lane(timeline, "radio")), /nobody had joined it/);
  });

  it("shows who waits for whom, also while nobody gets any further", async () => {
    const { run, events, path } = start("deadlock.ts");
    const isStuck = () => events.filter(({ kind }) => kind === "wait").length >= 2;
    while (!isStuck()) await new Promise((resolve) => setTimeout(resolve, 20));
    const timeline = timelineOf(events, "running");
    const [join_] = lane(timeline, "main").waits;
    const [lock] = lane(timeline, "waiter").waits;
    assert.ok(join_ !== undefined && lock !== undefined);
    assert.equal(waitText(join_), "waits for waiter to end");
    assert.equal(waitText(lock), "waits for a Mutex that the main thread has");
    assert.deepEqual([lock.at?.file, lock.at?.line, lock.endless], [path, 5, true]);
    assert.equal(lane(timeline, "waiter").outcome, "running");
    run.cancel();
    await run.summary;
    assert.equal(lane(timelineOf(events, "over"), "waiter").outcome, "killed");
  });

  it("has threads that threads have started below them", async () => {
    const timeline = await timelineOfRun("families.ts");
    assert.deepEqual(
      timeline.lanes.map(({ name, depth }) => [name, depth]),
      [
        ["main", 0],
        ["outer", 1],
        ["inner", 2],
        ["last", 1],
      ],
    );
    const inner = lane(timeline, "outer").waits.find(({ what }) => what === "join");
    assert.equal(inner && waitText(inner), "waits for inner to end");
  });

  it("says so where no thread was started", async () => {
    assert.equal(summaryText(await timelineOfRun("alone.ts")), "This program has started no thread.");
  });

  it("is a picture of nothing before anything was told", () => {
    const timeline = timelineOf([], "running");
    assert.equal(summaryText(timeline), "No thread has started yet.");
    assert.ok(timeline.lanes.every(({ start, end }) => Number.isFinite(start) && Number.isFinite(end)));
  });

  it("stays as big as one can look at", () => {
    const facts = { name: undefined, parent: 0, spawnedAt: undefined };
    const events = Array.from({ length: 1000 }, (_, id): RunEvent => {
      return { kind: "thread", step: "started", id: id + 1, time: id, ...facts };
    });
    const { lanes, unseen } = timelineOf(events, "running");
    assert.deepEqual([lanes.length, unseen], [200, 801]);
    const waits = Array.from({ length: 1000 }, (_, wait): RunEvent[] => {
      const length = wait % 3 === 0 ? 0.6 : 0.1;
      return [
        { kind: "wait", id: 0, wait, what: "Mutex", of: undefined, at: undefined, time: wait },
        { kind: "resumed", id: 0, wait, time: wait + length },
      ];
    });
    const [main] = timelineOf(waits.flat(), "over").lanes;
    assert.deepEqual([main?.waits.length, main?.shorter], [300, 700]);
    assert.ok(
      main?.waits.every(({ from, to }) => to - from > 0.5),
      "the longest are kept",
    );
  });
});
