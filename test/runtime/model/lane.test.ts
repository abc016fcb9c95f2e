// Every interleaving of one who writes small messages into shared memory and one who reads them and sleeps in between, with
// the library's own code.
import assert from "node:assert/strict";
import { loadForModel, type Mutation } from "./bundle.js";
import { type Exploration, explore } from "./explore.js";
import { shared } from "./library.js";
import { modelAtomics } from "./machine.js";
import { threads } from "./scenario.js";

type Library = typeof import("../../../runtime/src/worker/lane.js");

const file = "worker/lane.ts";

/** How a message goes: through the lane, or through the port, which a reader that dozes does not hear. */
type Way = "memory" | "port";

/** What a reader does that has nothing to read: one that naps is only woken, as no time goes by. */
type Rest = "naps" | "sleeps";

async function exploreLane(ways: readonly Way[], rest: Rest, mutation?: Mutation): Promise<Exploration> {
  const library = (await loadForModel([file.replace(".ts", ".js")], mutation)) as unknown as Library;
  const lane = library.openLane(new SharedArrayBuffer(library.laneSize), 0);
  /** Stands for the port: how many messages were posted, and how many of them are no nudges. */
  const port = shared(1);
  const posted = shared(1);
  const got = shared(1);
  const inLane = ways.filter((way) => way === "memory").length;

  const post = (): void => {
    modelAtomics.add(port, 0, 1);
    modelAtomics.notify(port, 0);
  };

  const writer = (): void => {
    let run = 0;
    for (const way of ways) {
      if (way === "port") {
        modelAtomics.add(posted, 0, 1);
        post();
        library.callToPort(lane);
        continue;
      }
      assert.ok(library.write(lane, ++run, 0, 0, library.encode(undefined)), "there is room");
      const found = library.alert(lane);
      if (found === "dozing") library.rouse(lane);
      if (found === "asleep") post();
    }
  };

  /** As a worker does: reads all there is, naps, and sleeps until something is posted. */
  const reader = (): void => {
    let last = 0;
    const readAll = (): boolean => {
      const note = library.read(lane);
      if (note === undefined) return false;
      assert.equal(note.run, ++last, "in the order in which they were written");
      return true;
    };
    for (;;) {
      const messages = modelAtomics.load(port, 0);
      const left = ways.length - inLane - modelAtomics.load(posted, 0);
      library.stayAwake(lane);
      while (readAll());
      if (left === 0 && last === inLane) break;
      if (rest === "naps") library.takeNap(lane);
      while (readAll());
      library.goToSleep(lane);
      if (readAll()) continue;
      if (left > 0 || last < inLane) modelAtomics.wait(port, 0, messages);
    }
    modelAtomics.store(got, 0, last);
  };

  return await explore({
    threads: threads(writer, reader),
    atEnd: () => assert.equal(modelAtomics.load(got, 0), inLane),
    clock: "still",
    become: () => {},
  });
}

async function fails(ways: readonly Way[], rest: Rest, mutation: Mutation): Promise<boolean> {
  return (await exploreLane(ways, rest, mutation)).violation !== undefined;
}

const rests: readonly Rest[] = ["naps", "sleeps"];
const short: readonly (readonly Way[])[] = [
  ["memory", "memory"],
  ["port", "port"],
  ["port", "memory"],
];

const mistakes: Readonly<Record<string, Mutation>> = {
  "a record is seen before it is written": {
    file,
    from: "  data[at + 1] = run;",
    to: "  Atomics.store(lane.words, word.tail, ((lane.words[word.tail] ?? 0) + length) | 0);\n  data[at + 1] = run;",
  },
  "who sleeps says so to nobody": {
    file,
    from: "Atomics.store(words, word.reader, reader.asleep);",
    to: "",
  },
  "who dozes is not woken": { file, from: "\n  Atomics.notify(words, word.reader);", to: "" },
  "who dozes is not called to the port": {
    file,
    from: "if (found === reader.dozing) Atomics.notify(words, word.reader);",
    to: "",
  },
  "who is about to doze is not called to the port": {
    file,
    from: "if (Atomics.compareExchange(words, word.reader, reader.awake, reader.dozing) !== reader.awake) return;",
    to: "Atomics.store(words, word.reader, reader.dozing);",
  },
  "who was at the port before it was called is taken to be awake": {
    file,
    from: 'if (found === reader.called) return "asleep";',
    to: 'if (found === reader.called) return "awake";',
  },
  "who goes on forgets that it was called to the port": {
    file,
    from: "stayAwake({ words }: Lane): void {\n  Atomics.compareExchange(words, word.reader, reader.asleep, reader.awake);",
    to: "stayAwake({ words }: Lane): void {\n  Atomics.store(words, word.reader, reader.awake);",
  },
  "who dozes does not look before": {
    file,
    from: "if (Atomics.load(words, word.tail) === words[word.head]) Atomics.wait",
    to: "Atomics.wait",
  },
};

describe("a lane, in every interleaving", () => {
  const orders: readonly (readonly Way[])[] = [
    ["memory", "memory", "memory"],
    ["port", "memory", "port"],
    ["memory", "port", "memory"],
  ];
  for (const ways of orders) {
    for (const rest of rests) {
      it(`brings all that was sent, in order: ${ways.join(", ")}, to one who ${rest}`, async () => {
        const { violation, states } = await exploreLane(ways, rest);
        assert.equal(violation, undefined, `${violation?.what}\n${violation?.steps.join("\n")}`);
        assert.ok(states > 100, "nothing was explored");
      }).timeout(300_000);
    }
  }
  for (const [mistake, mutation] of Object.entries(mistakes)) {
    it(`found: ${mistake}`, async () => {
      let isFound = false;
      for (const ways of short) for (const rest of rests) isFound ||= await fails(ways, rest, mutation);
      assert.ok(isFound, "the mistake was not found");
    }).timeout(300_000);
  }
});
