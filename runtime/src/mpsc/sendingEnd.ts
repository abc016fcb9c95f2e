import { type HandleImage, Life, life, moveOut } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { abandonEnd, dropSender, giveBack, type Lease, newLease, takeLease } from "./counts.js";
import { registerFork } from "./links.js";
import { word } from "./ring.js";
import { SendCore, type SendCoreImage } from "./sendCore.js";

/** What the ends that values go into share: their life, and the way into the channel. */
export abstract class SendingEnd implements Disposable {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life]: Life;
  /** @internal */
  protected readonly core: SendCore;
  /** Of a sender that another thread gave to this one. */
  readonly #lease: Lease | undefined;

  /** @internal */
  constructor(what: string, core: SendCore, lease: Lease | undefined) {
    this[life] = new Life(what, { shareable: false });
    this.core = core;
    this.#lease = lease;
    hold(this);
  }

  /** Drops the sender: the receiver's loop ends when the last one is dropped. What `using` and `drop` call. */
  [Symbol.dispose](): void {
    if (!this[life].live) return;
    this[life].finish("was dropped and cannot be used any more");
    letGo(this);
    this.core.users--;
    if (this.core.users === 0) this.core.close();
    if (giveBack(this.#lease)) dropSender(this.core.ring.words);
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }

  /** @internal */
  [moveOut](): HandleImage {
    const { core } = this;
    letGo(this);
    giveBack(this.#lease);
    core.users--;
    const image = core.users === 0 ? core.moveOut() : core.fork();
    const lease = newLease();
    const data: SenderImage = { ...image, lease };
    const abandon = abandonEnd(core.ring.words, lease, dropSender);
    return { kind: this[life].what, data, transfer: image.transfer, abandon };
  }
}

/** What a sender becomes on its way to another thread. */
interface SenderImage extends SendCoreImage {
  readonly lease: Lease;
}

/** @internal The way into the channel, and the lease, of a sender that has arrived. */
export function openSender(data: unknown): { readonly core: SendCore; readonly lease: Lease } {
  const image = data as SenderImage;
  return { core: SendCore.open(image), lease: takeLease(image.lease) };
}

for (const kind of ["Sender", "SyncSender"]) {
  registerFork(kind, (data) => {
    const image = data as SenderImage;
    const fork = SendCore.open(image).fork();
    return { data: { ...fork, lease: image.lease }, transfer: fork.transfer };
  });
}

/** @internal One more sender of the same thread is going to use it. */
export function shareCore(core: SendCore): SendCore {
  Atomics.add(core.ring.words, word.senders, 1);
  core.users++;
  return core;
}
