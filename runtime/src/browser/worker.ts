// Browsers' workers, with the few methods of Node's that this library calls.
import { closing, type Hello, hello } from "./hello.js";
import { workerSource } from "./source.js";

let code: string | undefined = hello?.code;

/** Where a worker's code is: in a Blob, so that a bundler needs to know nothing of workers. */
export function workerCode(): string {
  code ??= URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  return code;
}

interface Options {
  readonly name: string;
  readonly workerData: object;
  readonly transferList: Transferable[];
  readonly resourceLimits?: object;
}

type Listen = (value: unknown) => void;

/** A worker with the methods of Node's. */
export class NodeLikeWorker {
  readonly #worker: Worker;
  readonly #listeners: { readonly event: string; readonly listen: Listen }[] = [];
  #ended = false;

  /** @throws Error where the worker is to have limits, which a browser does not set. */
  constructor(code: string, { name, workerData, transferList, resourceLimits = {} }: Options) {
    if (Object.keys(resourceLimits).length > 0) {
      throw new Error("a browser gives every worker the same stack and heap; leave stackSize and maxHeap out");
    }
    this.#worker = new Worker(code, { type: "module", name });
    const told: Hello = { data: workerData, code };
    this.#worker.postMessage(told, transferList);
    this.#worker.addEventListener("error", (event) => this.#fail(event));
    this.#worker.addEventListener("message", ({ data }) => {
      if (data === closing) this.#end(0);
    });
  }

  on(event: string, listen: Listen): this {
    this.#listeners.push({ event, listen });
    return this;
  }

  once(event: string, listen: Listen): this {
    return this.on(event, listen);
  }

  ref(): void {}

  unref(): void {}

  async terminate(): Promise<number> {
    this.#worker.terminate();
    // As in Node, nobody hears of it before this call has returned.
    await undefined;
    this.#end(1);
    return 1;
  }

  /** In the shape that Node gives to a worker that has ended, or has not. */
  readonly performance = {
    eventLoopUtilization: () => ({ idle: this.#ended ? -1 : 1, active: 1, utilization: 1 }),
  };

  /** Errors in a closure are its panic; what comes here is a worker whose code did not run. */
  #fail(event: ErrorEvent): void {
    event.preventDefault();
    const why =
      event.message ||
      "the browser did not load it; a content security policy has to allow worker-src blob: and script-src 'unsafe-eval'";
    this.#tell("error", new Error(`the worker did not start: ${why}`));
    this.#worker.terminate();
    this.#end(1);
  }

  #end(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tell("exit", code);
  }

  #tell(event: string, value: unknown): void {
    for (const each of this.#listeners) if (each.event === event) each.listen(value);
  }
}
