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

async function exploreLane(count: number, mutation?: Mutation): Promise<Exploration> {
  const library = (await loadForModel([file.replace(".ts", ".js")], mutation)) as unknown as Library;
  const lane = library.openLane(new SharedArrayBuffer(library.laneSize), 0);
  /** Stands for the port: how many nudges were posted. */
  const port = shared(1);
  const got = shared(1);

  const writer = (): void => {
    for (let run = 1; run <= count; run++) {
      assert.ok(library.write(lane, run, 0, 0, library.encode(undefined)), "there is room");
      const found = library.alert(lane);
      if (found === "dozing") library.rouse(lane);
      if (found !== "asleep") continue;
      modelAtomics.add(port, 0, 1);
      modelAtomics.notify(port, 0);
    }
  };

  /** As a worker does: reads all there is, naps, and sleeps until it is nudged. */
  const reader = (): void => {
    let last = 0;
    const readAll = (): boolean => {
      const note = library.read(lane);
      if (note === undefined) return false;
      assert.equal(note.run, ++last, "in the order in which they were written");
      return true;
    };
    while (last < count) {
      const nudges = modelAtomics.load(port, 0);
      library.stayAwake(lane);
      while (readAll());
      if (last === count) break;
      library.takeNap(lane);
      while (readAll());
      library.goToSleep(lane);
      if (readAll()) continue;
      if (last < count) modelAtomics.wait(port, 0, nudges);
    }
    modelAtomics.store(got, 0, last);
  };

  return await explore({
    threads: threads(writer, reader),
    atEnd: () => assert.equal(modelAtomics.load(got, 0), count),
    clock: "still",
    become: () => {},
  });
}

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
  "who dozes is not woken": { file, from: "Atomics.notify(words, word.reader);", to: "" },
  "who dozes does not look before": {
    file,
    from: "if (Atomics.load(words, word.tail) === words[word.head]) Atomics.wait",
    to: "Atomics.wait",
  },
};

describe("a lane, in every interleaving", () => {
  it("brings all that was written, in order, to one who sleeps in between", async () => {
    const { violation, states } = await exploreLane(3);
    assert.equal(violation, undefined, `${violation?.what}\n${violation?.steps.join("\n")}`);
    assert.ok(states > 100, "nothing was explored");
  }).timeout(300_000);
  for (const [mistake, mutation] of Object.entries(mistakes)) {
    it(`found: ${mistake}`, async () => {
      assert.ok((await exploreLane(2, mutation)).violation !== undefined, "the mistake was not found");
    }).timeout(300_000);
  }
});
