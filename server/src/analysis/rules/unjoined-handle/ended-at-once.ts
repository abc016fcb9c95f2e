/** A worker that is ended in the same breath in which it is started and posted to: it never does what it was told. */
import type { Facts } from "../../facts.js";
import type { Call, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { bodyOf, type CallSite, indexModule } from "../../threads/walk.js";
import { roleOfMethod } from "../../workers/hearing.js";
import type { Report } from "../rule.js";

export function endedAtOnce(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    if (roleOf(module, models, site.call)?.kind !== "worker" || site.step.to.path.length > 0) return [];
    const [post, end] = postAndEnd(facts, site);
    return post === undefined || end === undefined ? [] : [findingFor(facts, { site, post, end })];
  });
}

/** What is posted, and the call that ends the worker, with nothing between that could take any time. */
function postAndEnd(facts: Facts, { at, step }: CallSite): readonly [Call?, Call?] {
  const { module, models } = facts;
  const names = new Set([step.to.base]);
  let post: Call | undefined;
  for (const next of bodyOf(module, at).blocks[at.block]?.steps.slice(at.index + 1) ?? []) {
    if (next.kind === "discard") continue;
    if (next.kind !== "assign") return [];
    const { value, to } = next;
    if (value.kind === "use" && isOf(names, value.operand) && next.declares && to.path.length === 0) names.add(to.base);
    if (value.kind === "await" || value.kind === "yield" || value.kind === "element") return [];
    if (value.kind !== "call") continue;
    // What else is called may take its time, or wait.
    if (value.receiver === undefined || !isOf(names, value.receiver)) return [];
    const role = roleOf(module, models, value) ?? roleOfMethod(models, value);
    if (role?.kind === "post") post ??= value;
    else if (role?.kind === "detach" && value.method === "terminate") return post === undefined ? [] : [post, value];
    else if (role?.kind !== "listen" && role?.kind !== "borrow") return [];
  }
  return [];
}

function isOf(names: ReadonlySet<number>, operand: Extract<Step, { kind: "discard" }>["operand"]): boolean {
  return operand.kind === "place" && operand.place.path.length === 0 && names.has(operand.place.base);
}

interface Found {
  readonly site: CallSite;
  readonly post: Call;
  readonly end: Call;
}

function findingFor(facts: Facts, { site, post, end }: Found): Report {
  const { file, module } = facts;
  const name = module.locals[site.step.to.base]?.name ?? "the worker";
  return {
    message: `\`${name}\` is ended before it can do anything with what is posted to it`,
    location: { file, ...end.spans.whole },
    label: "ends the thread at once, whatever it is doing",
    related: [
      { file, ...site.call.spans.callee, message: "it is started here, which takes milliseconds" },
      { file, ...post.spans.whole, message: "this message waits until it runs" },
    ],
    notes: ["`terminate()` does not wait for messages: what the worker has not read by then is thrown away"],
    help: [
      module.text.includes("worker_threads")
        ? 'Wait for its answer before, or let the worker end by itself: `parentPort.close()` there, `await once(worker, "exit")` here'
        : "Wait for its answer before, or let the worker end by itself with `close()`",
    ],
    fixes: [],
    tags: [],
  };
}
