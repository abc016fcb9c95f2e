// Several producers and consumers with pauses of random length between their steps: nothing is lost, nothing comes twice,
// each sender's messages keep their order, and nobody sleeps for ever.
import assert from "node:assert/strict";
import fc from "fast-check";
import { drop, move, mpsc, thread } from "fearless-threads";
import { thorough } from "../long.js";
import { Workspace } from "../process.js";

/** A message says who sent it, and which of that one's it is. Small ones go through the ring, large ones do not. */
type Message = number | readonly [from: number, n: number, rest: string | Uint8Array];

interface Plan {
  /** How many messages each producer sends. */
  readonly producers: readonly number[];
  readonly consumers: readonly ("recv" | "recvSync" | "tryRecv" | "recvTimeout" | "for await")[];
  /** Room; -1 for a channel without a bound. */
  readonly bound: number;
  /** What is sent. */
  readonly what: "numbers" | "objects" | "large" | "mixed";
  readonly seed: number;
}

const plans = fc.record<Plan>({
  producers: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 3 }),
  consumers: fc.array(fc.constantFrom("recv", "recvSync", "tryRecv", "recvTimeout", "for await"), {
    minLength: 1,
    maxLength: 3,
  }),
  bound: fc.constantFrom(-1, -1, 0, 1, 3, 50),
  what: fc.constantFrom("numbers", "objects", "large", "mixed"),
  seed: fc.integer(),
});

/** Sends messages with pauses; runs in a thread. */
async function produce(
  tx: mpsc.Sender<Message> | mpsc.SyncSender<Message>,
  plan: Plan,
  from: number,
  count: number,
): Promise<void> {
  let state = (plan.seed ^ (from * 7919)) | 1;
  const random = (below: number): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) ^ (state << 5);
    return (state >>> 0) % below;
  };
  for (let n = 0; n < count; n++) {
    const kind = plan.what === "mixed" ? (["numbers", "objects", "large"] as const)[random(3)] : plan.what;
    const message: Message =
      kind === "numbers"
        ? from * 1000 + n
        : [from, n, kind === "objects" ? "x".repeat(random(40)) : new Uint8Array(random(2000))];
    const sent = "trySend" in tx ? (random(2) === 0 ? tx.sendSync(message) : await tx.send(message)) : tx.send(message);
    sent.unwrap();
    const pause = random(60);
    if (pause === 0) await new Promise((done) => setTimeout(done, 1));
    else if (pause < 6) for (let i = 0; i < pause * 3000; i++) Math.sqrt(i);
  }
}

/** Receives until the end, with pauses; runs in a thread. */
async function consume(
  rx: mpsc.Receiver<Message>,
  how: Plan["consumers"][number],
  seed: number,
): Promise<readonly (readonly [number, number])[]> {
  const got: [number, number][] = [];
  let state = seed | 1;
  const take = async (message: Message): Promise<void> => {
    got.push(typeof message === "number" ? [Math.floor(message / 1000), message % 1000] : [message[0], message[1]]);
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) ^ (state << 5);
    const pause = (state >>> 0) % 60;
    if (pause === 0) await new Promise((done) => setTimeout(done, 1));
    else if (pause < 6) for (let i = 0; i < pause * 3000; i++) Math.sqrt(i);
  };
  if (how === "for await") {
    for await (const message of rx) await take(message);
    return got;
  }
  for (;;) {
    const next =
      how === "recv"
        ? await rx.recv()
        : how === "recvSync"
          ? rx.recvSync()
          : how === "tryRecv"
            ? rx.tryRecv()
            : await rx.recvTimeout(1);
    if (next.ok) await take(next.value);
    else if (!("reason" in next.error) || next.error.reason === "disconnected") return got;
    else if (how === "tryRecv") await new Promise((done) => setTimeout(done, 1));
  }
}

async function run(plan: Plan): Promise<void> {
  const [tx, rx] = plan.bound < 0 ? mpsc.channel<Message>() : mpsc.syncChannel<Message>(plan.bound);
  const consumers = plan.consumers.map((how, i) => thread.spawn(move(rx.clone(), how, plan.seed + i), consume));
  const producers = plan.producers.map((count, from) => thread.spawn(move(tx.clone(), plan, from, count), produce));
  drop(tx);
  drop(rx);
  for (const producer of producers) (await producer.join()).unwrap();
  const seen = plan.producers.map(() => new Set<number>());
  for (const consumer of consumers) {
    const last = plan.producers.map(() => -1);
    for (const [from, n] of (await consumer.join()).unwrap()) {
      assert.ok(n > (last[from] ?? 0), `${n} of sender ${from} came after ${last[from]}`);
      assert.ok(!seen[from]?.has(n), `${n} of sender ${from} came twice`);
      seen[from]?.add(n);
      last[from] = n;
    }
  }
  assert.deepEqual(
    seen.map((set) => set.size),
    plan.producers,
  );
}

describe("channels under stress", () => {
  it("lose nothing, double nothing, keep each sender's order and wake whoever has to be woken", async () => {
    await fc.assert(fc.asyncProperty(plans, run), { numRuns: thorough ? 300 : 12 });
  }).timeout(thorough ? 1_000_000 : 120_000);

  it("hold more than a ring does, and give each of several receivers its part", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const count = 400_000;
    const producers = [0, 1].map((from) =>
      thread.spawn(move(tx.clone(), from, count), (tx, from, count) => {
        for (let n = 0; n < count; n++) tx.send(n * 2 + from).unwrap();
      }),
    );
    drop(tx);
    for (const producer of producers) (await producer.join()).unwrap();
    const consumers = [rx.clone(), rx].map((rx) =>
      thread.spawn(move(rx), (rx) => {
        const last = [-1, -1];
        let sum = 0;
        let got = 0;
        for (let next = rx.recvSync(); next.ok; next = rx.recvSync()) {
          const from = next.value % 2;
          if (next.value <= (last[from] ?? 0) && next.value > 1) throw new Error("out of order");
          last[from] = next.value;
          sum += next.value;
          got++;
        }
        return [got, sum] as const;
      }),
    );
    let [got, sum] = [0, 0];
    for (const consumer of consumers) {
      const part = (await consumer.join()).unwrap();
      got += part[0];
      sum += part[1];
    }
    assert.deepEqual([got, sum], [2 * count, count * (2 * count - 1)]);
  }).timeout(60_000);

  it("free what was taken, and everything of a channel that was dropped", async () => {
    const workspace = new Workspace();
    try {
      const file = workspace.write(
        "memory.js",
        `import { drop, mpsc } from "fearless-threads";
         const used = async () => {
           await new Promise((done) => setTimeout(done, 20));
           gc();
           gc();
           return process.memoryUsage().arrayBuffers;
         };
         const many = 1_500_000;
         let [tx, rx] = mpsc.channel();
         for (let n = 0; n < many; n++) tx.send(n).unwrap();
         const full = await used();
         for (let n = 0; n < many; n++) if (rx.recvSync().unwrap() !== n) throw new Error("not in order");
         const taken = await used();
         for (let n = 0; n < many; n++) tx.send(n).unwrap();
         drop(rx);
         drop(tx);
         const dropped = await used();
         console.log(JSON.stringify({ full, taken, dropped }));`,
      );
      const ended = await workspace.node(file, ["--expose-gc"]);
      assert.equal(ended.stderr, "");
      const { full, taken, dropped }: Record<string, number> = JSON.parse(ended.stdout);
      assert.ok(Number(full) > 8_000_000, `${full} bytes for 1.5 million messages`);
      assert.ok(Number(taken) < 1_000_000, `${taken} bytes when they were taken`);
      assert.ok(Number(dropped) < 1_000_000, `${dropped} bytes when the channel was dropped`);
    } finally {
      workspace.remove();
    }
  }).timeout(60_000);
});
