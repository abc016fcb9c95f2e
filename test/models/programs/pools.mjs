// What pools do with a task that nobody waits for, with what is transferred, and with functions; one fact a run.
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { Piscina } from "piscina";
import { FixedThreadPool } from "poolifier";
import { Tinypool } from "tinypool";
import workerpool from "workerpool";

const [library, what] = process.argv.slice(2);
const filename = new URL("pool-task.mjs", import.meta.url).href;

function open() {
  if (library === "workerpool") {
    const pool = workerpool.pool({ workerType: "thread", maxWorkers: 1 });
    const task = (value) => {
      if (value === "throw") throw new Error("the task failed");
      return value?.byteLength ?? typeof value;
    };
    return {
      run: (value, list) => pool.exec(task, [value], list && { transfer: list }),
      capture: () => pool.exec((n) => n + filename.length, [1]),
      end: () => pool.terminate(true),
    };
  }
  if (library === "poolifier") {
    const pool = new FixedThreadPool(1, fileURLToPath(new URL("poolifier-worker.mjs", import.meta.url)));
    return {
      run: (value, list) => pool.execute(value, undefined, undefined, list),
      each: (values, list) => pool.mapExecute(values, undefined, undefined, list),
      end: () => pool.destroy(),
    };
  }
  const Pool = library === "piscina" ? Piscina : Tinypool;
  const pool = new Pool({ filename, minThreads: 1, maxThreads: 1 });
  return {
    run: (value, list) => pool.run(value, list && { transferList: list }),
    move: Pool.move,
    end: () => pool.destroy(),
  };
}

const say = (...facts) => process.stdout.write(`${facts.join(" ")}\n`);
const failure = async (start) => {
  try {
    await start();
    return "fine";
  } catch (error) {
    return error.message;
  }
};

if (library === "comlink") {
  const worker = new Worker(new URL("comlink-worker.mjs", import.meta.url));
  const remote = comlink.wrap(nodeEndpoint(worker));
  const buffer = new ArrayBuffer(8);
  say("function", await failure(() => remote.call(() => 1)));
  say("size", await remote.size(comlink.transfer(buffer, [buffer])), "left", buffer.byteLength);
  await worker.terminate();
} else {
  const pool = open();
  const buffer = new ArrayBuffer(8);
  switch (what) {
    case "unheard":
      pool.run("throw");
      await sleep(400);
      say("main goes on");
      process.exit();
      break;
    case "idle":
      say(await pool.run("a"));
      setTimeout(() => {
        say("alive");
        process.exit();
      }, 1500).unref();
      break;
    case "transfer":
      say(await pool.run(buffer, [buffer]), "left", buffer.byteLength);
      await pool.end();
      break;
    case "each": {
      const other = new ArrayBuffer(8);
      say(...(await pool.each([buffer, other], [buffer])), "left", buffer.byteLength, other.byteLength);
      await pool.end();
      break;
    }
    case "ended":
      say(await pool.run("a"));
      await pool.end();
      say("ended");
      break;
    case "move":
      say(await pool.run(pool.move(buffer)), "left", buffer.byteLength);
      await pool.end();
      break;
    case "function":
      say(await failure(() => pool.run({ done: () => 1 })));
      process.exit();
      break;
    case "capture":
      say(await failure(() => pool.capture()));
      process.exit();
  }
}
