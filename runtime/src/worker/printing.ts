import { process } from "./node.js";

/** Whether something that was printed has not reached the parent. */
export function isPrinting(): boolean {
  return process.stdout.writableLength + process.stderr.writableLength > 0;
}

/**
 * Hands what was printed to the parent. Node's streams keep all but the first piece until the parent asks for more, which
 * one that blocks never does: it would end without having seen the rest.
 */
export function handOver(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const more = parentAsks(stream);
    for (let left = stream.writableLength; more !== undefined && left > 0; left = stream.writableLength) {
      Reflect.apply(more, stream, []);
      if (stream.writableLength >= left) break;
    }
  }
}

/** Resolves when everything printed so far has reached the parent. */
export function printed(): Promise<unknown> {
  const flush = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write("", () => done()));
  return Promise.all([flush(process.stdout), flush(process.stderr)]);
}

let owed = 0;

/**
 * This thread blocked until another one had ended, and goes on. What that one printed has come, and is shown in the next
 * whole turn of the event loop; until then the thread has not ended.
 */
export function oweTurn(): void {
  owed++;
  setImmediate(() => setImmediate(() => owed--)); // The first may come in the turn that is under way.
}

/** Whether that turn has still to come. */
export function isTurnOwed(): boolean {
  return owed > 0;
}

/** Calls back after that turn. */
export function afterTurn(then: () => void): void {
  setImmediate(() => (owed > 0 ? afterTurn(then) : then()));
}

/** What Node calls when the parent has taken what it was handed. */
function parentAsks(stream: object): ((this: unknown) => unknown) | undefined {
  for (let at: object | null = stream; at !== null; at = Object.getPrototypeOf(at)) {
    const key = Object.getOwnPropertySymbols(at).find(
      ({ description }) => description === "kStdioWantsMoreDataCallback",
    );
    if (key !== undefined) return Reflect.get(stream, key);
  }
  return undefined;
}
