// What threads.js does with calls that nobody waits for, with what is transferred, and with workers that nobody ends; one fact a run.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool, spawn, Thread, Transfer, Worker } from "threads";

const start = () => spawn(new Worker("./threads-worker.mjs"));
const say = (...facts) => process.stdout.write(`${facts.join(" ")}\n`);
const failure = async (run) => {
  try {
    await run();
    return "fine";
  } catch (error) {
    return error.message;
  }
};
const sayWhetherAlive = () =>
  setTimeout(() => {
    say("alive");
    process.exit();
  }, 1000).unref();

const [what] = process.argv.slice(2);
const buffer = new ArrayBuffer(8);
switch (what) {
  case "unheard": {
    const thread = await start();
    thread.fail();
    await sleep(400);
    say("main goes on");
    await Thread.terminate(thread);
    break;
  }
  case "idle":
  case "ended": {
    const thread = await start();
    say(await thread.add(1, 2));
    if (what === "ended") await Thread.terminate(thread);
    sayWhetherAlive();
    break;
  }
  case "function": {
    const thread = await start();
    say(await failure(() => thread.add(() => 1, 2)));
    await Thread.terminate(thread);
    break;
  }
  case "transfer": {
    const thread = await start();
    say(await thread.size(Transfer(buffer)), "left", buffer.byteLength);
    const job = { data: new ArrayBuffer(8) };
    await thread.add(Transfer(job, [job.data]), 1);
    say("left", job.data.byteLength);
    await Thread.terminate(thread);
    break;
  }
  case "not exposed":
    say(await failure(() => spawn(new Worker("./threads-nothing.mjs"), { timeout: 500 })));
    sayWhetherAlive();
    break;
  case "pool unheard": {
    const pool = Pool(start, 1);
    pool.queue((thread) => thread.fail());
    await sleep(1500);
    say("main goes on");
    await pool.terminate();
    break;
  }
  case "pool watched": {
    const pool = Pool(start, 1);
    pool.queue((thread) => thread.fail());
    say("completed:", await failure(() => pool.completed()));
    await pool.terminate();
    break;
  }
  case "pool idle": {
    const pool = Pool(start, 1);
    say(await pool.queue((thread) => thread.add(1, 2)));
    sayWhetherAlive();
  }
}
