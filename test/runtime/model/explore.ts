import { type Clock, initialValue, type Operation, type Outcome, type Position, positionAfter } from "./machine.js";

/** A thread of a scenario; `id` is what it is for the library. */
export interface ModelThread {
  readonly id: number;
  readonly body: () => unknown;
}

/** What is explored: some threads, started on memory that was prepared. */
export interface Scenario {
  readonly threads: readonly ModelThread[];
  /** Looks at the memory after all threads have ended; throws where it is not as it should be. */
  readonly atEnd?: () => void;
  readonly clock?: Clock;
  /**
   * When a thread that waits for some time stops waiting: never, so that a wake-up that was lost is seen; at any moment;
   * or only when nothing else can happen, up to twice each.
   */
  readonly timeouts?: "never" | "any" | "stuck";
  /**
   * How often a thread may be stopped that could go on, at most; without it, any number of times. Most mistakes need no
   * more than two (Musuvathi and Qadeer, "Iterative context bounding", 2007), and three threads have far fewer states.
   */
  readonly preemptions?: number | undefined;
  /** The thread that may be killed, at any moment, and what its parent does then. */
  readonly kill?: { readonly victim: number; readonly abandon: () => void };
  /** Makes the library's code believe that it runs in this thread. */
  readonly become: (id: number) => void;
}

/** What was found. */
export interface Exploration {
  /** How many different states there are. */
  readonly states: number;
  /** What went wrong in one of them, with the steps that lead there. */
  readonly violation: { readonly what: string; readonly steps: readonly string[] } | undefined;
}

interface State {
  /** What each thread's operations gave, as a number that stands for the list. */
  readonly histories: readonly number[];
  /** What is in the words that the threads have used, in the order of their first use. */
  readonly memory: readonly number[];
  /** Who waits, the longest waiter first. */
  readonly sleepers: readonly { readonly thread: number; readonly place: number }[];
  readonly killed: boolean;
  readonly timeouts: number;
  /** Who did the last step, where that matters, and how often somebody was stopped who could have gone on. */
  readonly last: number;
  readonly preempted: number;
  readonly parent: State | undefined;
  /** The last step: who did what, and what it gave. */
  readonly step: () => string;
}

/** More states than this are a mistake in the scenario. */
const tooMany = 2_000_000;

/**
 * Goes through all the ways in which the steps of the threads can follow each other. A step at a word that no other
 * thread ever uses cannot matter to them, so it is done before any other; when one turns out to, all is done anew.
 */
export async function explore(scenario: Scenario): Promise<Exploration> {
  const shared = new Set<number>();
  for (;;) {
    const found = await exploreOnce(scenario, new Privacy(shared));
    if (found !== undefined) return found;
  }
}

/** Which thread alone uses a word, as far as is known. */
class Privacy {
  readonly #shared: Set<number>;
  readonly #owners = new Map<number, number>();
  /** Whether a word that was taken to be one thread's was used by another one. */
  wasWrong = false;

  constructor(shared: Set<number>) {
    this.#shared = shared;
  }

  isPrivate(place: number, thread: number): boolean {
    if (this.#shared.has(place)) return false;
    const owner = this.#owners.get(place);
    if (owner === undefined) this.#owners.set(place, thread);
    if (owner === undefined || owner === thread) return true;
    this.#shared.add(place);
    this.wasWrong = true;
    return false;
  }
}

async function exploreOnce(scenario: Scenario, privacy: Privacy): Promise<Exploration | undefined> {
  const threads = [...scenario.threads];
  if (scenario.kill !== undefined) threads.push({ id: 1_000_000, body: scenario.kill.abandon });
  const histories = new Histories(threads, scenario);
  const first: State = {
    histories: threads.map(() => 0),
    memory: [],
    sleepers: [],
    killed: false,
    timeouts: 0,
    last: -1,
    preempted: 0,
    parent: undefined,
    step: () => "",
  };
  const seen = new Set<string>([keyOf(first)]);
  const todo = [first];
  for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
    const found = await successors(state, scenario, threads, histories, privacy);
    if (privacy.wasWrong) return undefined;
    if (typeof found === "string") return { states: seen.size, violation: { what: found, steps: stepsTo(state) } };
    for (const next of found) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      todo.push(next);
    }
    if (seen.size > tooMany) throw new Error(`more than ${tooMany} states`);
  }
  return { states: seen.size, violation: undefined };
}

function keyOf({ histories, memory, sleepers, killed, timeouts, last, preempted }: State): string {
  let key = `${histories.join()}|${memory.join()}|${killed ? 1 : 0}|${timeouts}|${last}|${preempted}`;
  for (const { thread } of sleepers) key += `|${thread}`;
  return key;
}

function stepsTo(state: State): readonly string[] {
  return state.parent === undefined ? [] : [...stepsTo(state.parent), state.step()];
}

/** The lists of outcomes that threads have come by, each known by a number, and where it has brought the thread. */
class Histories {
  readonly #threads: readonly ModelThread[];
  readonly #scenario: Scenario;
  readonly #lists: (readonly Outcome[])[] = [[]];
  readonly #longer: Map<Outcome, number>[] = [new Map()];
  /** By thread, then by history. */
  readonly #positions: Position[][];
  readonly #places: number[] = [];

  constructor(threads: readonly ModelThread[], scenario: Scenario) {
    this.#threads = threads;
    this.#scenario = scenario;
    this.#positions = threads.map(() => []);
  }

  list(history: number): readonly Outcome[] {
    return this.#lists[history] ?? [];
  }

  append(history: number, outcome: Outcome): number {
    const known = this.#longer[history]?.get(outcome);
    if (known !== undefined) return known;
    const added = this.#lists.push([...this.list(history), outcome]) - 1;
    this.#longer[history]?.set(outcome, added);
    this.#longer.push(new Map());
    return added;
  }

  /** Where a thread is, if that was asked before. */
  known(thread: number, history: number): Position | undefined {
    return this.#positions[thread]?.[history];
  }

  async position(thread: number, history: number): Promise<Position> {
    const { id, body } = this.#threads[thread] as ModelThread;
    this.#scenario.become(id);
    const position = await positionAfter(body, this.list(history), this.#scenario.clock ?? "still");
    const positions = this.#positions[thread] as Position[];
    positions[history] = position;
    return position;
  }

  /** The index in a state's memory of a place. */
  indexOf(place: number): number {
    const known = this.#places.indexOf(place);
    return known >= 0 ? known : this.#places.push(place) - 1;
  }
}

/** The states that one step leads to, or what is wrong with this one. */
async function successors(
  state: State,
  scenario: Scenario,
  threads: readonly ModelThread[],
  histories: Histories,
  privacy: Privacy,
): Promise<readonly State[] | string> {
  const { kill } = scenario;
  const reaper = kill === undefined ? -1 : threads.length - 1;
  const next: State[] = [];
  const asleep = new Set(state.sleepers.map(({ thread }) => thread));
  /** Steps that take the processor from another thread, or are the first ones. */
  const byOthers: State[] = [];
  let lastCanGoOn = false;
  let running = 0;
  for (const thread of threads.keys()) {
    if (thread === reaper ? !state.killed : thread === kill?.victim && state.killed) continue;
    const history = state.histories[thread] ?? 0;
    const position = histories.known(thread, history) ?? (await histories.position(thread, history));
    if (position.at === "failure") return `${nameOf(thread, reaper)} threw ${String(position.error)}`;
    if (position.at === "end") continue;
    running++;
    const { operation } = position;
    const killable = thread === kill?.victim && !operation.plain;
    if (killable) next.push(killed(state, thread));
    if (asleep.has(thread)) {
      if (scenario.timeouts === "any") next.push(timedOut(state, thread, histories));
      continue;
    }
    const last = scenario.preemptions === undefined ? -1 : thread;
    const steps = after({ ...state, last }, thread, operation, histories, nameOf(thread, reaper));
    if (privacy.isPrivate(operation.place, thread) && !killable) return steps;
    if (scenario.preemptions === undefined || thread === state.last) next.push(...steps);
    else byOthers.push(...steps);
    if (thread === state.last) lastCanGoOn = true;
  }
  if (running === 0) return await judgeEnd(state, scenario, histories);
  const preempted = state.preempted + (lastCanGoOn ? 1 : 0);
  if (preempted <= (scenario.preemptions ?? 0)) next.push(...byOthers.map((step) => ({ ...step, preempted })));
  const stuck = running === asleep.size && scenario.timeouts !== "any";
  if (!stuck) return next;
  if (scenario.timeouts === "stuck" && state.timeouts < 2 * threads.length) {
    return [...next, ...[...asleep].map((thread) => timedOut(state, thread, histories))];
  }
  return `all wait for ever: ${[...asleep].map((thread) => nameOf(thread, reaper)).join(", ")}`;
}

function nameOf(thread: number, reaper: number): string {
  return thread === reaper ? "the parent" : `thread ${thread}`;
}

async function judgeEnd(state: State, { atEnd }: Scenario, histories: Histories): Promise<readonly State[] | string> {
  if (atEnd === undefined) return [];
  const reads: Outcome[] = [];
  for (;;) {
    const position = await positionAfter(atEnd, reads, "still");
    if (position.at === "failure") return String(position.error);
    if (position.at === "end") return [];
    const { place } = position.operation;
    reads.push(state.memory[histories.indexOf(place)] ?? initialValue(place));
  }
}

function killed(state: State, thread: number): State {
  const sleepers = state.sleepers.filter((sleeper) => sleeper.thread !== thread);
  return { ...state, killed: true, sleepers, parent: state, step: () => `thread ${thread} is killed` };
}

function timedOut(state: State, thread: number, histories: Histories): State {
  return {
    ...state,
    histories: state.histories.with(thread, histories.append(state.histories[thread] ?? 0, "timed-out")),
    sleepers: state.sleepers.filter((sleeper) => sleeper.thread !== thread),
    timeouts: state.timeouts + 1,
    parent: state,
    step: () => `thread ${thread} has waited for long enough`,
  };
}

/** What an operation writes and gives. */
function effect({ name, first, second }: Operation, is: number): { readonly writes: number; readonly gives: number } {
  switch (name) {
    case "store":
      return { writes: first, gives: first };
    case "exchange":
      return { writes: first, gives: is };
    case "compareExchange":
      return { writes: is === first ? second : is, gives: is };
    case "add":
      return { writes: (is + first) | 0, gives: is };
    case "and":
      return { writes: is & first, gives: is };
    case "or":
      return { writes: is | first, gives: is };
    case "load":
    case "wait":
    case "notify":
    case "now":
      return { writes: is, gives: is };
    default:
      return name satisfies never;
  }
}

function after(
  state: State,
  thread: number,
  operation: Operation,
  histories: Histories,
  name: string,
): readonly State[] {
  const { place, first } = operation;
  const mine = state.histories[thread] ?? 0;
  const gives = (outcome: Outcome, change: Partial<State> = {}): State => ({
    ...state,
    histories: state.histories.with(thread, histories.append(mine, outcome)),
    parent: state,
    step: () => `${name}: ${describe(operation)} gives ${outcome}`,
    ...change,
  });
  if (operation.name === "now") {
    const earlier = histories.list(mine).findLast((outcome) => typeof outcome === "number" && outcome >= clockStart);
    const now = Number(earlier ?? clockStart);
    return [gives(now), gives(now + 10)];
  }
  const index = histories.indexOf(place);
  const is = state.memory[index] ?? initialValue(place);
  if (operation.name === "wait") {
    if (is !== first) return [gives("not-equal")];
    const sleepers = [...state.sleepers, { thread, place }];
    return [
      { ...state, sleepers, parent: state, step: () => `${name} waits at ${shortPlace(place)} for ${first} to change` },
    ];
  }
  if (operation.name === "notify") {
    const woken = state.sleepers.filter((sleeper) => sleeper.place === place).slice(0, first);
    let all = state.histories.with(thread, histories.append(mine, woken.length));
    for (const { thread: other } of woken) all = all.with(other, histories.append(all[other] ?? 0, "ok"));
    const sleepers = state.sleepers.filter((sleeper) => !woken.includes(sleeper));
    return [gives(woken.length, { histories: all, sleepers })];
  }
  const { writes, gives: given } = effect(operation, is);
  return [gives(given, writes === is ? {} : { memory: withValue(state.memory, index, writes) })];
}

/** What was not written yet is `undefined`: as it was before the threads started. */
function withValue(memory: readonly number[], index: number, value: number): readonly number[] {
  const changed = [...memory];
  changed[index] = value;
  return changed;
}

/** Times are told from other outcomes by being larger. */
const clockStart = 2 ** 40;

function describe({ name, place, first, second }: Operation): string {
  const values = name === "load" ? "" : name === "compareExchange" ? `, ${first}, ${second}` : `, ${first}`;
  return `${name}(${shortPlace(place)}${values})`;
}

function shortPlace(place: number): string {
  return `${Math.floor(place / 2 ** 24)}:${(place % 2 ** 24) / 4}`;
}
