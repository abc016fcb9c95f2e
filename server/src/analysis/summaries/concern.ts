/** Which functions of the project make or move something that is tracked, themselves or through those that they call. */
import type { Module } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { mentionsOf } from "../ownership/engine.js";
import { type Entries, type Entry, keyOf } from "./entries.js";
import { createKeeper, type Footprint, type Traced } from "./footprint.js";

const keeperFor = createKeeper<boolean>();

/** Answers for one analysis, which looks into the files of `entries`. */
export function createConcern(entries: Entries, models: Models): (key: string, entry: Entry) => Traced<boolean> {
  const keeper = keeperFor(models);
  const known = new Map<string, Traced<boolean>>();

  const before = (key: string, { module, body }: Entry): Traced<boolean> | undefined =>
    known.get(key) ?? keeper.get(body, module, entries.modules);

  const remember = (key: string, { module, body }: Entry, traced: Traced<boolean>): void => {
    known.set(key, traced);
    keeper.set(body, module, traced);
  };

  const find = (key: string, entry: Entry): Traced<boolean> => {
    const footprint = new Map<string, Module | undefined>();
    const met = new Map([[key, entry]]);
    const reaches = (): boolean => {
      // A map goes on to what is added while it is walked.
      for (const { module, body } of met.values()) {
        const { concerns, symbols } = mentionsOf(module, models, body);
        if (concerns) return true;
        for (const symbol of symbols) {
          footprint.set(symbol.file, entries.modules.get(symbol.file));
          const next = entries.get(symbol);
          const nextKey = keyOf(symbol);
          if (next === undefined || met.has(nextKey)) continue;
          const answer = before(nextKey, next);
          if (answer === undefined) met.set(nextKey, next);
          else {
            addTo(footprint, answer.footprint);
            if (answer.value) return true;
          }
        }
      }
      return false;
    };
    const traced = { value: reaches(), footprint };
    remember(key, entry, traced);
    // Where nothing of concern is reached, nothing of concern is reached from what was met on the way either.
    if (!traced.value) for (const [other, one] of met) remember(other, one, traced);
    return traced;
  };

  return (key, entry) => {
    const traced = before(key, entry) ?? find(key, entry);
    known.set(key, traced);
    return traced;
  };
}

export function addTo(footprint: Map<string, Module | undefined>, more: Footprint): void {
  for (const [file, module] of more) footprint.set(file, module);
}
