import type { Parcel } from "../transport/encode.js";
import { whileBlocked } from "../worker/vigil.js";
import { abandonEnd, dropReceiver, dropSender, type Lease } from "./counts.js";
import { openRing, word } from "./ring.js";

/** An end of another channel that went away in a message. */
interface Given {
  readonly lease: Lease;
  readonly abandon: (thread: number) => void;
}

/** What this thread has given to the receivers of each channel, and what it knows of those that were killed. */
interface Watched {
  readonly words: Int32Array;
  given: Given[];
  kills: number;
  /** How many are given before those that were given back are forgotten. */
  most: number;
}

const watched = new Map<SharedArrayBuffer, Watched>();

/** The kinds of handles that somebody at their other end may wait for. */
const drops = { Sender: dropSender, SyncSender: dropSender, Receiver: dropReceiver } as const;

function isEnd(kind: string): kind is keyof typeof drops {
  return kind in drops;
}

/**
 * Notes the ends that a message gives away. Nobody else could let go of them when the thread that takes the message is
 * killed, and whoever waits for the answer would wait for ever.
 */
export function noteGiven(memory: SharedArrayBuffer, parcel: Parcel): void {
  const given = (parcel.stands ?? []).flatMap((stand): Given[] => {
    if (stand.as !== "handle" || !isEnd(stand.kind)) return [];
    const image = stand.data as { readonly memory: SharedArrayBuffer; readonly lease: Lease };
    const { words } = openRing(image.memory);
    return [{ lease: image.lease, abandon: abandonEnd(words, image.lease, drops[stand.kind]) }];
  });
  if (given.length === 0) return;
  let of = watched.get(memory);
  if (of === undefined) {
    const { words } = openRing(memory);
    of = { words, given: [], kills: Atomics.load(words, word.kills), most: 16 };
    watched.set(memory, of);
    void watch(memory, of);
  }
  if (of.given.length >= of.most) {
    of.given = of.given.filter(isOut);
    of.most = Math.max(16, 2 * of.given.length);
  }
  of.given.push(...given);
}

function isOut({ lease }: Given): boolean {
  return Atomics.load(lease, 0) === 0;
}

/** Until nobody receives any more and everything was given back. It does not keep the process alive. */
async function watch(memory: SharedArrayBuffer, of: Watched): Promise<void> {
  for (;;) {
    const seen = Atomics.load(of.words, word.kills);
    look(of);
    if (of.given.length === 0 && Atomics.load(of.words, word.receivers) === 0) break;
    const change = Atomics.waitAsync(of.words, word.kills, seen);
    if (change.async) await change.value;
  }
  watched.delete(memory);
}

/** Lets go of what a receiver held that was killed, and of what lies in a channel that nobody receives from. */
function look(of: Watched): void {
  of.given = of.given.filter(isOut);
  const kills = Atomics.load(of.words, word.kills);
  const unreceived = Atomics.load(of.words, word.receivers) === 0;
  if (kills === of.kills && !unreceived) return;
  of.kills = kills;
  const killed = Atomics.load(of.words, word.killed);
  for (const { lease, abandon } of of.given) {
    const holder = Atomics.load(lease, 1);
    if (holder === killed || (holder === 0 && unreceived)) abandon(killed - 1);
  }
  of.given = of.given.filter(isOut);
}

whileBlocked(() => {
  for (const of of watched.values()) if (Atomics.load(of.words, word.kills) !== of.kills) look(of);
});
