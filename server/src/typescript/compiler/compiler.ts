/** The supervised native compiler: started when it is needed, killed when it hangs, started again when it died. */
import { setTimeout as sleep } from "node:timers/promises";
import type { API } from "typescript/async";
import { findExecutable } from "./executable.js";
import { type CompilerProcess, startProcess } from "./process.js";
import { CompilerUnavailable } from "./unavailable.js";

export interface CompilerOptions {
  /** The native `tsc`. Found by itself when left out, see {@link findExecutable}. */
  readonly executable?: string | undefined;
  /** The folder that inferred projects belong to. */
  readonly cwd?: string | undefined;
  /** Milliseconds until a question without an answer costs the compiler its life. */
  readonly deadline?: number | undefined;
  /** Told when a compiler starts, dies or is killed. */
  readonly log?: ((message: string) => void) | undefined;
}

/** One life of the compiler. Snapshots belong to a session and die with it. */
export interface Session {
  readonly api: API;
  readonly pid: number;
  readonly alive: boolean;
  /**
   * Asks, with the compiler's deadline or another one in milliseconds. `what` names the question in the error.
   *
   * @throws {CompilerUnavailable} when the deadline passes or the process dies, at once.
   */
  ask<T>(what: string, question: () => Promise<T>, deadline?: number): Promise<T>;
}

export interface Compiler {
  /**
   * The living session, or a new one. After failures the start waits a little longer each time, up to 5 s.
   *
   * @throws {CompilerUnavailable}
   */
  session(): Promise<Session>;
  /** Ends the process. Questions that are open are rejected. */
  close(): Promise<void>;
}

export function createCompiler(options: CompilerOptions = {}): Compiler {
  const { cwd = process.cwd(), deadline = 15_000, log = () => {} } = options;
  let current: Promise<LiveSession> | undefined;
  let failures = 0;
  let closed = false;

  const start = async (): Promise<LiveSession> => {
    if (failures > 0) await sleep(Math.min(50 * 2 ** failures, 5000));
    if (closed) throw closedError();
    const executable = findExecutable(options.executable);
    const process = await startProcess(executable, cwd, Math.max(deadline, 10_000));
    const session = new LiveSession(process, deadline, {
      answered: () => {
        failures = 0;
      },
      failed: () => {
        failures += 1;
        current = undefined;
      },
    });
    log(`compiler ${process.pid} started: ${executable}`);
    void session.ended.then((error) => log(`compiler ${process.pid} gone: ${error.message}`));
    return session;
  };

  return {
    session() {
      if (closed) return Promise.reject(closedError());
      current ??= start().catch((error: unknown) => {
        failures += 1;
        current = undefined;
        throw error;
      });
      return current;
    },
    async close() {
      closed = true;
      const session = await current?.catch(() => undefined);
      await session?.end(closedError());
    },
  };
}

function closedError(): CompilerUnavailable {
  return new CompilerUnavailable("closed", "The TypeScript compiler was closed.", { help: "Create another one." });
}

/** Milliseconds by which a timer may be late while there is nothing else to do. */
const lateness = 200;

interface SessionOwner {
  answered(): void;
  /** Called once, before anybody hears of it. */
  failed(): void;
}

class LiveSession implements Session {
  readonly api: API;
  readonly pid: number;
  /** Resolves with the error that open questions got. */
  readonly ended: Promise<CompilerUnavailable>;
  readonly #process: CompilerProcess;
  readonly #deadline: number;
  readonly #owner: SessionOwner;
  #error: CompilerUnavailable | undefined;
  /** The open questions' rejections: the API's own promises stay pending for ever when the process is killed. */
  readonly #open = new Set<(error: CompilerUnavailable) => void>();

  constructor(process: CompilerProcess, deadline: number, owner: SessionOwner) {
    this.api = process.api;
    this.pid = process.pid;
    this.#process = process;
    this.#deadline = deadline;
    this.#owner = owner;
    this.ended = process.exited.then((why) => {
      this.#fail(
        new CompilerUnavailable("exited", `The TypeScript compiler died: ${why}`, {
          help: "Ask again: another one is started.",
        }),
      );
      return this.#error ?? closedError();
    });
  }

  get alive(): boolean {
    return this.#error === undefined;
  }

  async ask<T>(what: string, question: () => Promise<T>, deadline = this.#deadline): Promise<T> {
    if (this.#error) throw this.#error;
    let settle: ((error: CompilerUnavailable) => void) | undefined;
    const failed = new Promise<never>((_, reject) => {
      settle = reject;
      this.#open.add(reject);
    });
    let timer = setTimeout(() => late(), deadline);
    const due = performance.now() + deadline;
    const late = (): void => {
      // While we were busy ourselves, nobody read what it answered.
      const busy = performance.now() - due;
      if (busy > lateness) timer = setTimeout(() => this.#timeOut(what, deadline), deadline);
      else this.#timeOut(what, deadline);
    };
    try {
      const answer = await Promise.race([question(), failed]);
      this.#owner.answered();
      return answer;
    } finally {
      clearTimeout(timer);
      if (settle) this.#open.delete(settle);
    }
  }

  async end(error: CompilerUnavailable): Promise<void> {
    const idle = this.#open.size === 0;
    this.#fail(error);
    this.#process.kill();
    await this.ended;
    // Otherwise the connection stays for a moment, and our process with it.
    if (idle) this.#process.hangUp();
  }

  #timeOut(what: string, deadline: number): void {
    this.#fail(
      new CompilerUnavailable("timeout", `The TypeScript compiler took over ${deadline} ms to ${what}.`, {
        help: "It was killed; ask again and another one is started.",
      }),
    );
    this.#process.kill();
  }

  #fail(error: CompilerUnavailable): void {
    if (this.#error) return;
    this.#error = error;
    this.#owner.failed();
    for (const reject of this.#open) reject(error);
    this.#open.clear();
  }
}
