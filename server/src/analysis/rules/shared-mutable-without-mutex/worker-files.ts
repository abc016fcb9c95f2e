/** A word of shared memory that several workers of one file change at the same time, in steps that another one can cut through. */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { isPassedAlways } from "../../locks/uses.js";
import type { BodyId, LocalId, Module, Operand, Place, Step, Value } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { shortText } from "../../threads/naming.js";
import { inLoop, reachableFrom } from "../../threads/reach.js";
import { bodyOf, type CallSite, indexModule, isWithin, onlyDefinition, operandsOnce } from "../../threads/walk.js";
import { workerModule, workerStarts } from "../../workers/started.js";
import type { Report } from "../rule.js";
import { both } from "./assigned.js";
import { isShared, loadStoreOf } from "./shared-memory.js";

export function racesOfWorkers(facts: Facts): readonly Report[] {
  const { module, models, modules } = facts;
  const starts = workerStarts(module, models);
  return starts.flatMap((site) => {
    const worker = workerModule(modules, module, site.call);
    if (worker === undefined || worker === module || takesTurns.test(worker.text)) return [];
    return memoriesGiven(module, site).flatMap(({ memory, path }) => {
      const rival = starts.find((other) => isRival(facts, { site, other, memory }));
      const change = rival && racyChange(worker, models, path);
      if (rival === undefined || change === undefined) return [];
      // Of two starts, the first one is reported.
      if (rival.call.spans.whole.start < site.call.spans.whole.start) return [];
      return [reportOf(facts, { site, rival, memory, worker, change })];
    });
  });
}

/** Whoever has one of these may have made a lock of it, by which its threads take turns. */
const takesTurns = /[lL]ock|[mM]utex|[eE]xchange|\bAtomics\s*\.\s*wait/;

interface Given {
  /** The variable that has the memory. */
  readonly memory: LocalId;
  /** The fields of `workerData` that lead to it. */
  readonly path: readonly string[];
}

/** The shared memory in the `workerData` of a new worker. */
function memoriesGiven(module: Module, { call }: CallSite): readonly Given[] {
  const options = made(module, call.args[1]?.value);
  const field = options?.kind === "object" ? options.fields.find(({ name }) => name === "workerData") : undefined;
  return field === undefined ? [] : memoriesIn(module, field.value, []);
}

function memoriesIn(module: Module, operand: Operand, path: readonly string[]): readonly Given[] {
  if (operand.kind !== "place" || operand.place.path.length > 0) return [];
  const { base } = operand.place;
  const local = module.locals[base];
  if (local !== undefined && !local.reassigned && local.kind !== "temp" && isShared(local.type)) {
    return [{ memory: base, path }];
  }
  const value = made(module, operand);
  if (value?.kind !== "object" || path.length > 1) return [];
  return value.fields.flatMap(({ name, value: inner, spread }) =>
    name === undefined || spread ? [] : memoriesIn(module, inner, [...path, name]),
  );
}

/** What a temporary, or a variable that is given its value once, was made of. */
function made(module: Module, operand: Operand | undefined): Value | undefined {
  if (operand?.kind !== "place" || operand.place.path.length > 0) return undefined;
  const local = module.locals[operand.place.base];
  return local?.reassigned === false ? onlyDefinition(module, local.id)?.step.value : undefined;
}

interface Pair {
  readonly site: CallSite;
  readonly other: CallSite;
  readonly memory: LocalId;
}

/** Whether two workers with the same memory, of the same file, run at the same time: of one start, or of two of them. */
function isRival({ module, models, modules }: Facts, { site, other, memory }: Pair): boolean {
  if (other === site) return isRepeated(module, models, site, memory);
  const isSame = memoriesGiven(module, other).some((each) => each.memory === memory);
  if (!isSame || workerModule(modules, module, other.call) !== workerModule(modules, module, site.call)) return false;
  const [first, second] = [site, other].sort((a, b) => a.call.spans.whole.start - b.call.spans.whole.start);
  if (first === undefined || second === undefined || first.at.body !== second.at.body) return false;
  // What is awaited between may be the end of the first one.
  const body = bodyOf(module, first.at);
  const waiting = body.blocks.flatMap(({ id, steps }) =>
    steps.flatMap((step, index) => (waits(step) ? [{ body: body.id, block: id, index }] : [])),
  );
  return reachableFrom(body, first.at, waiting)(second.at);
}

function waits(step: Step): boolean {
  return step.kind === "assign" && (step.value.kind === "await" || step.value.kind === "yield");
}

/** In a loop, or in a function that is called for each element, with memory that is older. */
function isRepeated(module: Module, models: Models, { at }: CallSite, memory: LocalId): boolean {
  const body = bodyOf(module, at);
  const madeAt = onlyDefinition(module, memory)?.at;
  if (madeAt === undefined || body.blocks.some(({ steps }) => steps.some(waits))) return false;
  if (madeAt.body === at.body) return inLoop(body, at) && !inLoop(body, madeAt);
  if (!isWithin(module, at.body, madeAt.body)) return false;
  if (inLoop(body, at)) return true;
  const call = indexModule(module).handedTo.get(at.body);
  const role = call && roleOf(module, models, call.call)?.kind;
  return role === "each" || role === "collect";
}

interface Change {
  readonly step: Step;
  readonly array: Place;
  /** What is written, as code has it: `counter[0]`. */
  readonly text: string;
}

/** A change of a word with a fixed number that each run of the file makes as it goes. */
function racyChange(worker: Module, models: Models, path: readonly string[]): Change | undefined {
  const names = namesOf(worker, models, path);
  if (names.size === 0) return undefined;
  for (const body of bodiesRun(worker)) {
    for (const { id, steps } of bodyOf(worker, { body }).blocks) {
      for (const step of steps) {
        const array = changedBy(worker, step, names);
        if (array === undefined || !isPassedAlways(bodyOf(worker, { body }), id)) continue;
        return { step, array, text: shortText(textOf(worker, both(step.span))) };
      }
    }
  }
  return undefined;
}

/** The file's own code, and the functions that it surely calls. */
function bodiesRun(worker: Module): readonly BodyId[] {
  const [main] = worker.bodies;
  const calls = indexModule(worker).callsOf.get(0) ?? [];
  const called = calls.flatMap(({ call: { callee }, at }) => {
    const local =
      callee.kind === "place" && callee.place.path.length === 0 ? worker.locals[callee.place.base] : undefined;
    if (local?.function === undefined || local.reassigned || main === undefined) return [];
    return isPassedAlways(main, at.block) ? [local.function] : [];
  });
  return [0, ...called];
}

/** The array of which a step reads a word, and writes it in another step: `a[0]++`, `a[0] = a[0] + 1`, a load and a store. */
function changedBy(worker: Module, step: Step, names: ReadonlySet<LocalId>): Place | undefined {
  const isWord = ({ base, path: [index, ...rest] }: Place): boolean =>
    names.has(base) && index?.kind === "index" && index.constant !== undefined && rest.length === 0;
  if (step.kind === "update") return isWord(step.place) ? step.place : undefined;
  if (step.kind !== "assign") return undefined;
  if (step.value.kind === "call") {
    const stored = loadStoreOf(worker, step.value);
    const word = step.value.args[1]?.value;
    return stored !== undefined && names.has(stored.base) && word?.kind === "constant" ? stored : undefined;
  }
  const number = wordOf(step.to);
  if (!isWord(step.to) || step.value.kind !== "compute") return undefined;
  const isItself = operandsOnce(step.value).some(
    (operand) => operand.kind === "place" && operand.place.base === step.to.base && wordOf(operand.place) === number,
  );
  return isItself ? step.to : undefined;
}

function wordOf({ path: [index] }: Place): number | undefined {
  return index?.kind === "index" ? index.constant : undefined;
}

/** What the worker calls the memory that lies at a path of its `workerData`, and views of all of it. */
function namesOf(worker: Module, models: Models, path: readonly string[]): ReadonlySet<LocalId> {
  const data = worker.imports
    .filter(({ specifier }) => /^(?:node:)?worker_threads$/.test(specifier))
    .flatMap(({ names }) => names)
    .find(({ imported }) => imported === "workerData")?.local;
  const rests = new Map<LocalId, readonly string[]>();
  const restOf = (operand: Operand | undefined): readonly string[] | undefined => {
    if (operand?.kind === "item") {
      return data !== undefined && operand.local === data ? behind(path, operand.name.split(".").slice(1)) : undefined;
    }
    if (operand?.kind !== "place") return undefined;
    const rest = rests.get(operand.place.base);
    const fields = operand.place.path.map((step) => (step.kind === "field" ? step.name : ""));
    return rest && behind(rest, fields);
  };
  const steps = worker.bodies.flatMap(({ blocks }) => blocks.flatMap((block) => block.steps));
  for (let before = -1; before < rests.size; ) {
    before = rests.size;
    for (const step of steps) {
      if (step.kind !== "assign" || step.to.path.length > 0 || rests.has(step.to.base)) continue;
      const local = worker.locals[step.to.base];
      const rest = local?.reassigned === false ? restOf(sourceOf(worker, models, step.value)) : undefined;
      if (rest !== undefined && (step.value.kind === "use" || rest.length === 0)) rests.set(step.to.base, rest);
    }
  }
  return new Set([...rests].flatMap(([local, rest]) => (rest.length === 0 ? [local] : [])));
}

/** What a value is another name of, or a view of as a whole: with an offset or a length it can be this thread's part. */
function sourceOf(worker: Module, models: Models, value: Value): Operand | undefined {
  if (value.kind === "use") return value.operand;
  if (value.kind !== "call" || value.args.length !== 1 || value.form !== "new") return undefined;
  return roleOf(worker, models, value)?.kind === "overlay" ? value.args[0]?.value : undefined;
}

/** What is left of a path behind these fields. Undefined where they lead elsewhere. */
function behind(path: readonly string[], fields: readonly string[]): readonly string[] | undefined {
  return fields.length <= path.length && fields.every((field, index) => path[index] === field)
    ? path.slice(fields.length)
    : undefined;
}

interface Race {
  readonly site: CallSite;
  readonly rival: CallSite;
  readonly memory: LocalId;
  readonly worker: Module;
  readonly change: Change;
}

function reportOf({ file, module }: Facts, { site, rival, memory, worker, change }: Race): Report {
  const name = module.locals[memory]?.name ?? "the memory";
  const isLoadStore = change.step.kind === "assign" && change.step.value.kind === "call";
  const other: Label[] =
    rival === site
      ? []
      : [{ file, ...rival.call.spans.callee, message: "another worker with the same memory is started here" }];
  return {
    message: `\`${name}\` is shared memory, and \`${change.text}\` in these workers is not atomic: updates are lost`,
    location: { file, ...site.call.spans.callee },
    label: rival === site ? "several workers with the same memory are started here" : "a worker is started here",
    related: [
      ...other,
      {
        file: worker.file,
        ...both(change.step.span),
        message: "another worker can write between the read and the write",
      },
    ],
    notes: [
      "reading, computing and writing are three steps: when two threads do them at once, one of the updates is lost",
    ],
    help: [
      isLoadStore
        ? "Use the function of `Atomics` that does both: `Atomics.add(…)`"
        : "Use `Atomics.add(…)`, or let each worker have a word of its own",
    ],
    fixes: [],
    tags: [],
  };
}
