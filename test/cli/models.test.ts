/** `models` in the config: wrappers that the analyser cannot see into get the role that a user gives them. */
import assert from "node:assert/strict";
import { makeFolder } from "../support/folder.js";
import { check } from "./findings.js";

const config = (models: readonly object[]): string => JSON.stringify({ models });

describe("cli: models of a user's own", function () {
  this.timeout(60_000);

  it("gives roles to the exports of a package", async () => {
    const folder = makeFolder({
      "package.json": '{ "type": "module" }',
      "tsconfig.json": '{ "compilerOptions": { "module": "nodenext", "strict": true } }',
      "node_modules/our-threads/package.json": '{ "name": "our-threads", "types": "index.d.ts" }',
      "node_modules/our-threads/index.d.ts":
        "export declare class Job { done(): Promise<number>; }\nexport declare function start(work: () => number): Job;\n",
      "a.ts": `import { start } from "our-threads";
export async function main(values: readonly number[]): Promise<void> {
  start(() => 1);
  const job = start(() => values.length);
  await job.done();
}
`,
    });
    try {
      assert.deepEqual((await check(folder)).findings, [], "nothing is known of it");
      const callables = { start: "spawn", "Job.done": "join" };
      folder.write(
        "fearless-threads.config.json",
        config([{ package: "our-threads", callables, types: { Job: "handle" } }]),
      );
      assert.deepEqual((await check(folder)).findings, ["a.ts:3 unjoined-handle", "a.ts:4 capture-without-move"]);
    } finally {
      folder.remove();
    }
  });

  it("makes a pool of what hands tasks to workers, and a port of what posts to them", async () => {
    const folder = makeFolder({
      "package.json": '{ "type": "module" }',
      "tsconfig.json": '{ "compilerOptions": { "module": "nodenext", "strict": true } }',
      "node_modules/our-pool/package.json": '{ "name": "our-pool", "types": "index.d.ts" }',
      "node_modules/our-pool/index.d.ts": `export declare class Pool {
  submit(task: unknown): Promise<number>;
}
export declare function tell(message: unknown, list?: ArrayBuffer[]): void;
`,
      "a.ts": `import { type Pool, tell } from "our-pool";
export async function main(pool: Pool, data: ArrayBuffer): Promise<void> {
  pool.submit({ id: 1 });
  await pool.submit({ done: () => 1 });
  tell({ data }, [data]);
  console.log(new Uint8Array(data));
}
`,
    });
    try {
      const callables = { "Pool.submit": "task", tell: "post" };
      folder.write("fearless-threads.config.json", config([{ package: "our-pool", callables }]));
      assert.deepEqual((await check(folder)).findings, [
        "a.ts:3 unjoined-handle",
        "a.ts:4 not-sendable",
        "a.ts:6 use-after-move",
      ]);
    } finally {
      folder.remove();
    }
  });

  it("gives roles to the exports of a file, in the packages below the config only", async () => {
    const main = `import { launch, type Task } from "./tasks.js";
export async function main(values: readonly number[]): Promise<void> {
  const task: Task = launch(() => values.length);
  await task.finished();
  launch(() => 2);
}
`;
    const tasks = `declare const host: any;
export interface Task { finished(): Promise<number> }
export const launch = (work: () => number): Task => host.launch(work);
`;
    const folder = makeFolder({
      "package.json": '{ "type": "module" }',
      "tsconfig.json": '{ "compilerOptions": { "module": "nodenext", "strict": true } }',
      "one/tasks.ts": tasks,
      "one/main.ts": main,
      "two/tasks.ts": tasks,
      "two/main.ts": main,
    });
    try {
      const callables = { launch: "spawn", "Task.finished": "join" };
      folder.write(
        "one/fearless-threads.config.json",
        config([{ file: "tasks.ts", callables, types: { Task: "handle" } }]),
      );
      assert.deepEqual((await check(folder)).findings, [
        "one/main.ts:3 capture-without-move",
        "one/main.ts:5 unjoined-handle",
      ]);
    } finally {
      folder.remove();
    }
  });
});
