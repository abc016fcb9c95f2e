import assert from "node:assert/strict";
import type { HandleImage } from "../../../runtime/src/transport/handle.js";
import { type Exploration, explore, type ModelThread, type Scenario } from "./explore.js";
import { type Library, load, type Mutation, shared } from "./library.js";
import { modelAtomics } from "./machine.js";

/** Prepares the memory and the threads of a scenario; called once for each exploration. */
export type Maker = (library: Library) => Omit<Scenario, "become">;

const firstId = 1;

/** Milliseconds that an exploration may take: some have a million states. */
const patience = 300_000;

/** One thread for each body. */
export function threads(...bodies: readonly (() => unknown)[]): readonly ModelThread[] {
  return bodies.map((body, i) => ({ id: firstId + i, body }));
}

/** A handle as each of several threads has it once it was moved there, and what a parent does when its thread is killed. */
export function give<T extends object>(library: Library, handle: T, count: number) {
  const movable = handle as T & { readonly [key: symbol]: () => HandleImage };
  const images = Array.from({ length: count }, () => movable[library.moveOut]?.() as HandleImage);
  const handles = images.map((image, i) => {
    library.become(firstId + i);
    return library.reviveHandle(image.kind, image.data) as T;
  });
  library.become(0);
  return {
    handles,
    abandon: (thread: number) => images[thread]?.abandon?.(firstId + thread),
  };
}

/** Words in which the threads of a scenario note what happens. */
export class Notes {
  readonly #words = shared(4);

  at(index: number): number {
    return modelAtomics.load(this.#words, index);
  }

  put(index: number, value: number): void {
    modelAtomics.store(this.#words, index, value);
  }

  /** Adds 1 in two steps: where two threads do so at the same time, one of them is lost. */
  bump(index: number): void {
    this.put(index, this.at(index) + 1);
  }

  /** Adds 1 in one step. */
  count(index: number): void {
    modelAtomics.add(this.#words, index, 1);
  }

  /** Is somewhere where at most `most` threads may be. */
  visit(index: number, most: number): void {
    assert.ok(modelAtomics.add(this.#words, index, 1) < most, "too many threads are inside");
    modelAtomics.add(this.#words, index, -1);
  }
}

/** Explores a scenario with the library as it is, or with a mistake put in. */
export async function exploreWith(maker: Maker, mutation?: Mutation): Promise<Exploration> {
  const library = await load(mutation);
  library.become(0);
  return await explore({ ...maker(library), become: library.become });
}

/** Says that nothing goes wrong in any interleaving, and that each of these mistakes in the code is found. */
export function holds(what: string, maker: Maker, mistakes: Readonly<Record<string, Mutation>> = {}): void {
  it(what, async () => {
    const { violation, states } = await exploreWith(maker);
    assert.equal(violation, undefined, `${violation?.what}\n${violation?.steps.join("\n")}`);
    assert.ok(states > 10, "nothing was explored");
  }).timeout(patience);
  for (const [mistake, mutation] of Object.entries(mistakes)) {
    it(`${what}; found: ${mistake}`, async () => {
      assert.ok((await exploreWith(maker, mutation)).violation !== undefined, "the mistake was not found");
    }).timeout(patience);
  }
}
