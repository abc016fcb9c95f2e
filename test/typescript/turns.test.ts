/** Work that goes on together, and work that has to be alone. */
import assert from "node:assert/strict";
import { createTurns } from "../../server/src/checker/turns.js";

/** Work that ends when it is told to, and says when it began and ended. */
function job(name: string, log: string[]) {
  let end = (): void => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = async (): Promise<string> => {
    log.push(`${name} begins`);
    await told;
    log.push(`${name} ends`);
    return name;
  };
  return { work, end: () => end() };
}

/** Lets everything go on that can. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("turns", () => {
  it("begin work at once that goes on together", async () => {
    const [turns, log] = [createTurns(), [] as string[]];
    const [a, b] = [job("a", log), job("b", log)];
    const both = [turns.together(a.work), turns.together(b.work)];
    await settle();
    assert.deepEqual(log, ["a begins", "b begins"]);
    b.end();
    a.end();
    assert.deepEqual(await Promise.all(both), ["a", "b"]);
  });

  it("wait with work that is alone until the other work has ended", async () => {
    const [turns, log] = [createTurns(), [] as string[]];
    const [a, b, alone] = [job("a", log), job("b", log), job("alone", log)];
    const all = [turns.together(a.work), turns.together(b.work), turns.alone(alone.work)];
    await settle();
    a.end();
    await settle();
    assert.deepEqual(log, ["a begins", "b begins", "a ends"]);
    b.end();
    await settle();
    assert.deepEqual(log.slice(3), ["b ends", "alone begins"]);
    alone.end();
    await Promise.all(all);
  });

  it("let what comes later wait for what is alone", async () => {
    const [turns, log] = [createTurns(), [] as string[]];
    const [alone, second, later] = [job("alone", log), job("second", log), job("later", log)];
    const all = [turns.alone(alone.work), turns.together(later.work), turns.alone(second.work)];
    await settle();
    assert.deepEqual(log, ["alone begins"]);
    later.end();
    alone.end();
    await settle();
    assert.deepEqual(log.slice(1), ["alone ends", "second begins"]);
    second.end();
    assert.deepEqual(await Promise.all(all), ["alone", "later", "second"]);
    assert.deepEqual(log.slice(3), ["second ends", "later begins", "later ends"]);
  });

  it("go on behind work that fails, alone or not", async () => {
    const turns = createTurns();
    const fails = async (): Promise<never> => {
      throw new Error("no");
    };
    await assert.rejects(turns.alone(fails), /no/);
    const together = turns.together(fails);
    const alone = turns.alone(async () => "alone");
    await assert.rejects(together, /no/);
    assert.equal(await alone, "alone");
    assert.equal(await turns.together(async () => "together"), "together");
  });
});
