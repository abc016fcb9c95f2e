/** A promise that only a worker's message settles: it stays pending for ever when the worker ends without one. */
import type { Fix, Span, TextEdit } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert } from "../../fix.js";
import type { Body, Call, LocalId, Module, Operand, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { behind } from "../../places.js";
import { mergeEdits } from "../../threads/edits.js";
import { type CallSite, indexModule, isWithin } from "../../threads/walk.js";
import { heardWorker, type WorkerUse } from "../../workers/hearing.js";
import type { Report } from "../rule.js";

export function pendingPromises(facts: Facts): readonly Report[] {
  return indexModule(facts.module).calls.flatMap((site) => {
    const role = roleOf(facts.module, facts.models, site.call);
    const hearing = role?.kind === "worker" ? hearingOf(facts, site) : undefined;
    return role?.kind === "worker" && hearing !== undefined ? [findingFor(facts, site, hearing, role.host)] : [];
  });
}

/** Where a worker's messages go, if they are all that anybody hears of it. */
interface Hearing {
  /** As code writes the worker. */
  readonly worker: string;
  /** The function that `new Promise` was given. */
  readonly executor: Body;
  /** What listens to messages. */
  readonly step: Step;
}

/** Undefined where something else hears of the worker's end, or where code that is not seen may. */
function hearingOf(facts: Facts, site: CallSite): Hearing | undefined {
  const heard = heardWorker(facts, site.step);
  for (const use of heard?.uses ?? []) {
    if (use.kind === "listens" && use.event !== "message" && use.event !== "online") return undefined;
  }
  for (const use of heard?.uses ?? []) {
    if (heard === undefined || use.kind !== "listens" || use.event !== "message") continue;
    const executor = settles(facts.module, use.handler);
    if (executor !== undefined && isSole(facts.module, executor, use))
      return { worker: heard.name, executor, step: use.step };
  }
  return undefined;
}

/** The function given to `new Promise` whose parameter the handler calls, or is. */
function settles(module: Module, handler: Operand): Body | undefined {
  if (handler.kind === "place" && handler.place.path.length === 0) return executorOf(module, handler.place.base);
  const body = handler.kind === "function" ? module.bodies[handler.body] : undefined;
  for (const { local } of body?.captures ?? []) {
    const executor = executorOf(module, local);
    if (executor !== undefined) return executor;
  }
  return undefined;
}

/** Whether nothing but the handler can settle the promise: no timer, no other event, nobody who got `resolve`. */
function isSole(module: Module, { params }: Body, { handler, step }: Listening): boolean {
  const uses = params.flatMap(({ arrives }) => indexModule(module).uses.get(arrives) ?? []);
  return uses.every(
    (use) =>
      use.step === step ||
      use.step?.kind === "end-scope" ||
      (handler.kind === "function" && isWithin(module, use.at.body, handler.body)),
  );
}

type Listening = Extract<WorkerUse, { kind: "listens" }>;

/** The function that a local is the first parameter of, where that is what `new Promise` was given. */
function executorOf(module: Module, local: LocalId): Body | undefined {
  const owner = module.bodies[module.locals[local]?.body ?? -1];
  const given = owner === undefined ? undefined : indexModule(module).handedTo.get(owner.id)?.call;
  return given !== undefined && isPromise(given) && owner?.params[0]?.local === local ? owner : undefined;
}

function isPromise({ form, callee }: Call): boolean {
  return form === "new" && callee.kind === "item" && callee.name === "Promise" && callee.local === undefined;
}

function findingFor({ file, module }: Facts, site: CallSite, hearing: Hearing, host: "node" | "web"): Report {
  const name = hearing.worker;
  return {
    message: `this promise stays pending for ever when \`${name}\` ends without a message`,
    location: { file, ...spanOf(module, hearing.step) },
    label: "only a message settles the promise",
    related: [{ file, ...site.call.spans.callee, message: "the worker is started here" }],
    notes: [
      host === "node"
        ? "a worker that fails or exits posts nothing more: without a listener its error ends the process, and of `process.exit()` nobody hears"
        : "a worker that fails posts nothing: its error comes as an `error` event, for which nobody listens",
    ],
    help: [
      host === "node"
        ? `Reject it on \`error\`, and on \`exit\`: \`${name}.once("error", reject)\``
        : `Reject it on \`error\`: \`${name}.addEventListener("error", reject)\``,
    ],
    fixes: rejecting(module, hearing, name, host),
    tags: [],
  };
}

/** `worker.once`, or `worker.onmessage`. */
function spanOf(module: Module, step: Step): Span {
  if (step.kind === "assign" && step.value.kind === "call") return step.value.spans.callee;
  const { start, end } = step.span;
  const assigned = /^[^=]*[^=\s]/.exec(module.text.slice(start, end))?.[0].length;
  return { start, end: assigned === undefined ? end : start + assigned };
}

/** Listeners that reject, behind the one that resolves. */
function rejecting(module: Module, { executor, step }: Hearing, name: string, host: "node" | "web"): readonly Fix[] {
  const { params, spans } = executor;
  const [resolve, reject] = params;
  const rejected = reject?.local === undefined ? undefined : module.locals[reject.local]?.name;
  if (resolve === undefined || params.length > 2 || (reject !== undefined && rejected === undefined)) return [];
  if (!isInside(executor, step)) return [];
  const added: TextEdit[] = [];
  if (reject === undefined) {
    if (module.locals.some((local) => local.name === "reject")) return [];
    if (!spans.parenthesized) added.push(insert(module.file, resolve.span.start, "("));
    added.push(insert(module.file, resolve.span.end, spans.parenthesized ? ", reject" : ", reject)"));
  }
  const call = rejected ?? "reject";
  const lines =
    host === "node"
      ? [
          `${name}.once("error", ${call});`,
          `${name}.once("exit", (code) => ${call}(new Error(\`the worker ended with code \${code}\`)));`,
        ]
      : [`${name}.addEventListener("error", ${call});`];
  const edits = lines.flatMap((line) => behind(module, step.statement, line));
  return [{ title: "Reject it when the worker ends", preferred: true, edits: mergeEdits([...added, ...edits]) }];
}

function isInside({ spans }: Body, { statement }: Step): boolean {
  return spans.body.start <= statement.start && statement.end <= spans.body.end;
}
