// Every interleaving of 2 or 3 threads at a channel, with the library's own code.
import assert from "node:assert/strict";
import { loadForModel, type Mutation } from "../model/bundle.js";
import { type Exploration, explore, type ModelThread } from "../model/explore.js";
import { shared } from "../model/library.js";
import { modelAtomics } from "../model/machine.js";

type Holding = import("../../../runtime/src/worker/holdings.js").Holding;

interface Library
  extends Pick<typeof import("../../../runtime/src/mpsc/ring.js"), "newRing" | "openRing">,
    Pick<typeof import("../../../runtime/src/mpsc/sendCore.js"), "SendCore">,
    Pick<typeof import("../../../runtime/src/mpsc/receiveCore.js"), "ReceiveCore">,
    Pick<
      typeof import("../../../runtime/src/mpsc/counts.js"),
      "newsOf" | "roomOf" | "dropSender" | "dropReceiver" | "abandonEnd"
    >,
    Pick<typeof import("../../../runtime/src/sync/signal.js"), "blockUntil">,
    Pick<typeof import("../../../runtime/src/worker/holdings.js"), "newHolding">,
    Pick<typeof import("../../../runtime/src/worker/places.js"), "enrol" | "standAs">,
    Pick<typeof import("../../../runtime/src/thread/self.js"), "becomeThread"> {}

const file = "mpsc/ring.ts";

/** Whoever finds a lock taken sleeps until it is free: looking again and again has no end that could be explored. */
const sleeping: readonly Mutation[] = [
  { file, from: "const spins = 200;", to: "const spins = 1;" },
  {
    file,
    from: "  Atomics.store(words, index, 0);",
    to: "  Atomics.store(words, index, 0); Atomics.notify(words, index);",
  },
];

const unbounded = -1;
const firstId = 1;
/** Whoever receives this stops: of two senders, the one that is not killed does not drop its end. */
const enough = 7;
const patience = 300_000;

interface Scenario {
  /** What each sending thread sends, and how many receiving threads there are. */
  readonly senders: readonly (readonly number[])[];
  readonly receivers: number;
  readonly bound: number;
  /** The sending thread that may be killed. */
  readonly victim?: number;
  readonly preemptions: number;
}

async function exploreWith(scenario: Scenario, mistake?: Mutation): Promise<Exploration> {
  const { senders, receivers, bound, victim, preemptions } = scenario;
  const loaded = await loadForModel(
    [
      "mpsc/ring.js",
      "mpsc/sendCore.js",
      "mpsc/receiveCore.js",
      "mpsc/counts.js",
      "sync/signal.js",
      "thread/self.js",
      "worker/holdings.js",
      "worker/places.js",
    ],
    ...sleeping,
    mistake,
  );
  const library = loaded as unknown as Library;
  const { SendCore, ReceiveCore, openRing, newsOf, roomOf, blockUntil, dropSender, dropReceiver } = library;
  const token = new Int32Array(new SharedArrayBuffer(4));
  const become = (id: number): void => library.becomeThread({ id, name: undefined, token });
  become(0);
  const { memory, words } = library.newRing(bound);
  modelAtomics.store(words, 34, senders.length);
  modelAtomics.store(words, 35, receivers);
  const holdings = [...senders.keys(), senders.length].map((i) => {
    become(firstId + i);
    if (victim !== undefined && i !== victim) library.standAs(firstId + i, library.enrol());
    const holding = library.newHolding(words, 39);
    holding.counts[i < senders.length ? 0 : 1] = 1;
    return holding;
  }) as [Holding, ...Holding[]];
  become(0);
  /** For each value, how often it was received. */
  const got = shared(8);

  const sends = (values: readonly number[], i: number) => () => {
    const core = new SendCore(openRing(memory), i, [], 0);
    const { words } = core.ring;
    for (const value of values) {
      blockUntil(roomOf(words), () => core.offer(value) || undefined);
    }
    if (victim === undefined || victim === i) dropSender(words, holdings[i] as Holding);
  };
  const receives = () => {
    const core = new ReceiveCore(openRing(memory), 9, []);
    const { words } = core.ring;
    const last = senders.map(() => -1);
    for (;;) {
      const found = blockUntil(newsOf(words), () => {
        const found = core.poll();
        return found === "empty" ? undefined : found;
      });
      if (found === "disconnected") break;
      if (victim !== undefined && Number(core.value) === enough) break;
      const value = Number(core.value);
      const from = senders.findIndex((values) => values.includes(value));
      assert.ok((last[from] ?? 0) < value, "a sender's messages came in another order");
      last[from] = value;
      assert.equal(modelAtomics.add(got, value, 1), 0, "a message came twice");
    }
    dropReceiver(words, { counts: Int32Array.of(0, 1) });
  };
  const bodies = [...senders.map(sends), ...Array.from({ length: receivers }, () => receives)];
  const threads: readonly ModelThread[] = bodies.map((body, i) => ({ id: firstId + i, body }));
  const atEnd = (): void => {
    for (const [i, values] of senders.entries()) {
      for (const value of values) {
        if (i !== victim && value !== enough)
          assert.equal(modelAtomics.load(got, value), 1, `${value} was not received`);
      }
    }
  };
  const abandon = library.abandonEnd(words, holdings[victim ?? 0] ?? holdings[0]);
  const kill = victim === undefined ? {} : { kill: { victim, abandon } };
  return await explore({ threads, atEnd, become, clock: "still", preemptions, ...kill });
}

/** Says that nothing goes wrong in any interleaving, and that each of these mistakes in the code is found. */
function holds(what: string, scenario: Scenario, mistakes: Readonly<Record<string, Mutation>> = {}): void {
  it(what, async () => {
    const { violation, states } = await exploreWith(scenario);
    assert.equal(violation, undefined, `${violation?.what}\n${violation?.steps.join("\n")}`);
    assert.ok(states > 100, "nothing was explored");
  }).timeout(patience);
  for (const [mistake, mutation] of Object.entries(mistakes)) {
    it(`${what}; found: ${mistake}`, async () => {
      assert.ok(
        (await exploreWith({ ...scenario, preemptions: 1 }, mutation)).violation !== undefined,
        "the mistake was not found",
      );
    }).timeout(patience);
  }
}

describe("a channel, in every interleaving", () => {
  holds(
    "brings each message once, in order, and ends: one sender, one receiver",
    { senders: [[1, 2]], receivers: 1, bound: unbounded, preemptions: 3 },
    {
      "the end is not told": { file: "mpsc/counts.ts", from: "  Atomics.or(words, word.tail, 1);\n", to: "" },
    },
  );
  holds("brings each message once, in order, and ends: two senders", {
    senders: [[1], [2]],
    receivers: 1,
    bound: unbounded,
    preemptions: 2,
  });
  holds("brings each message once, in order, and ends: one that is alone after the other has gone", {
    senders: [[1], [2, 3]],
    receivers: 1,
    bound: unbounded,
    preemptions: 1,
  });
  holds("brings each message to one of two receivers, and both end", {
    senders: [[1, 2]],
    receivers: 2,
    bound: unbounded,
    preemptions: 1,
  });
  holds(
    "lets nobody wait for room that is there",
    { senders: [[1, 2, 3]], receivers: 1, bound: 1, preemptions: 2 },
    {
      "nobody is woken": {
        file,
        from: "if (Atomics.load(words, word.waiting) > 0) Atomics.notify(words, word.tail, 1);",
        to: "",
      },
      "nobody is told of the room": {
        file: "mpsc/receiveCore.ts",
        from: "      Atomics.notify(words, word.head);",
        to: "",
      },
    },
  );
  holds(
    "ends where its only sender is killed, at any moment",
    { senders: [[1, 2]], receivers: 1, bound: unbounded, victim: 0, preemptions: 1 },
    {
      "what the thread held is given back before it is counted out": {
        file: "mpsc/counts.ts",
        from: "  const before = Atomics.sub(words, word.senders, 1);",
        to: "  Atomics.store(counts, 0, 0);\n  const before = Atomics.sub(words, word.senders, 1);",
      },
      "nobody says the rest": {
        file: "mpsc/counts.ts",
        from: "  if (Atomics.load(words, word.senders) === 0) endSending(words);",
        to: "",
      },
    },
  );
  holds(
    "goes on where another sender is killed, at any moment",
    { senders: [[1], [2, enough]], receivers: 1, bound: unbounded, victim: 0, preemptions: 1 },
    {
      "its lock stays taken": { file, from: "  Atomics.compareExchange(words, index, owner, 0);", to: "" },
    },
  );
});
