import { type HandleImage, Life, life, moveOut } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { freeHolding, type Holding, type Lease, takeHolding } from "../worker/holdings.js";
import { abandonEnd, dropSender, lendEnd, newEndHolding } from "./counts.js";
import { registerFork } from "./links.js";
import { word } from "./ring.js";
import { SendCore, type SendCoreImage } from "./sendCore.js";

/** What the ends that values go into share: their life, and the way into the channel. */
export abstract class SendingEnd implements Disposable {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life]: Life;
  /** @internal */
  protected readonly core: SendCore;
  readonly #holding: Holding;

  /** @internal */
  constructor(what: string, { core, holding }: HeldCore) {
    this[life] = new Life(what, { shareable: false });
    this.core = core;
    this.#holding = holding;
    hold(this);
  }

  /** Drops the sender: the receiver's loop ends when the last one is dropped. What `using` and `drop` call. */
  [Symbol.dispose](): void {
    if (!this[life].live) return;
    this[life].finish("was dropped and cannot be used any more");
    letGo(this);
    this.core.users--;
    if (this.core.users === 0) this.core.close();
    dropSender(this.core.ring.words, this.#holding);
    freeHolding(this.#holding);
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }

  /** @internal */
  [moveOut](): HandleImage {
    const { core } = this;
    letGo(this);
    const { words } = core.ring;
    core.users--;
    const image = core.users === 0 ? core.moveOut() : core.fork();
    const lease = lendEnd(words, this.#holding);
    const data: SenderImage = { ...image, lease };
    const abandon = abandonEnd(words, lease);
    return { kind: this[life].what, data, transfer: image.transfer, leases: [lease], abandon };
  }
}

/** What a sender becomes on its way to another thread. */
interface SenderImage extends SendCoreImage {
  readonly lease: Lease;
}

/** @internal The way into the channel, and what the thread holds through it. */
export interface HeldCore {
  readonly core: SendCore;
  readonly holding: Holding;
}

/** @internal A sender that has arrived. */
export function openSender(data: unknown): HeldCore {
  const image = data as SenderImage;
  return { core: SendCore.open(image), holding: takeHolding(image.lease) };
}

/** @internal The first sender of a channel that was just made. */
export function firstSender(core: SendCore): HeldCore {
  const holding = newEndHolding(core.ring.words);
  holding.counts[0] = 1;
  return { core, holding };
}

for (const kind of ["Sender", "SyncSender"]) {
  registerFork(kind, (data) => {
    const image = data as SenderImage;
    const fork = SendCore.open(image).fork();
    return { data: { ...fork, lease: image.lease }, transfer: fork.transfer };
  });
}

/** @internal One more sender of the same thread is going to use it. */
export function shareCore(core: SendCore): HeldCore {
  const { words } = core.ring;
  const holding = newEndHolding(words);
  const { counts } = holding;
  Atomics.add(words, word.senders, 1);
  counts[0] = 1; // As in `dropSender`.
  core.users++;
  return { core, holding };
}
