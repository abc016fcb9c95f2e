/** A worker that nobody listens to: neither its messages nor its end come to anybody. */
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { Call, LocalId } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { Loss, Site } from "../../ownership/engine.js";
import { workerProtocol } from "../../ownership/protocols.js";
import type { TypeKey } from "../../program/program.js";
import { shortText } from "../../threads/naming.js";
import { indexModule } from "../../threads/walk.js";
import { unheardCollection } from "../../workers/collections.js";
import type { Report } from "../rule.js";

/** What a worker can be heard through that is not its own messages: ports, and shared memory. */
const otherWays = /\b(?:SharedArrayBuffer|MessageChannel|MessagePort|BroadcastChannel|transferList|transfer)\b/;

export function unheardWorkers(facts: Facts): readonly Report[] {
  if (otherWays.test(facts.module.text)) return [];
  const bySite = new Map<string, Loss>();
  for (const loss of facts.ownership().losses) {
    const { site } = loss;
    // On some path is enough: what a path without a listener does may be to end the worker in another way.
    if (site.protocol !== workerProtocol || site.met || mayShareMemory(site.call)) continue;
    if (!hasHandler(facts, site.local) && !isReadFrom(facts, site.local)) bySite.set(site.id, loss);
  }
  const said = new Set([...bySite.values()].map(({ site }) => site.call));
  return [...bySite.values()].map(({ site }) => findingFor(facts, site)).concat(inCollections(facts, said));
}

/** Workers that are only kept to be posted to. */
function inCollections(facts: Facts, said: ReadonlySet<Call>): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    const { call } = site;
    if (roleOf(module, models, call)?.kind !== "worker" || said.has(call) || mayShareMemory(call)) return [];
    const name = unheardCollection(module, models, site);
    if (name === undefined) return [];
    const report = findingFor(facts, { call, local: undefined });
    return [
      {
        ...report,
        message: `nobody listens to the workers in \`${name}\`: what they post is lost, and nobody notices when one fails`,
      },
    ];
  });
}

/** `worker.onmessage = …`, anywhere. */
function hasHandler({ module }: Facts, local: LocalId | undefined): boolean {
  const uses = local === undefined ? [] : (indexModule(module).uses.get(local) ?? []);
  return uses.some(({ access, place }) => access === "write" && place.path.length > 0);
}

/** Whether somebody reads what it prints. */
function isReadFrom({ module }: Facts, local: LocalId | undefined): boolean {
  const uses = local === undefined ? [] : (indexModule(module).uses.get(local) ?? []);
  return uses.some(({ place: { path } }) => path[0]?.kind === "field" && /^std(?:out|err)$/.test(path[0].name));
}

/** Whether it may be given memory through which it is heard: only of plain data it is certain that it is not. */
function mayShareMemory({ args }: Call): boolean {
  const [, options] = args;
  if (options === undefined) return false;
  return (options.parts ?? []).some(({ path, type }) => /^\.workerData(?:$|[.[])/.test(path) && !isPlain(type));
}

function isPlain(type: TypeKey): boolean {
  switch (type.kind) {
    case "primitive":
    case "object":
      return true;
    case "array":
      return isPlain(type.element);
    case "tuple":
      return type.elements.every(isPlain);
    case "union":
      return type.members.every(isPlain);
    case "named":
    case "function":
    case "unknown":
      return false;
  }
}

function findingFor({ file, module, models }: Facts, { call, local }: Pick<Site, "call" | "local">): Report {
  const name = local === undefined ? undefined : module.locals[local]?.name;
  const role = roleOf(module, models, call);
  const isNode = role?.kind === "worker" && role.host === "node";
  const worker = name ?? "worker";
  return {
    message:
      name === undefined
        ? "nobody listens to this worker: what it posts is lost, and nobody notices when it fails"
        : `nobody listens to \`${name}\`: what it posts is lost, and nobody notices when it fails`,
    location: { file, ...call.spans.callee },
    label: `\`${call.form === "new" ? "new " : ""}${shortText(textOf(module, call.spans.callee))}\` starts a thread, and nothing hears of it`,
    related: [],
    notes: [
      isNode
        ? "an error that the worker does not catch is an `error` event: without a listener it ends the whole process"
        : "an error that the worker does not catch is an `error` event: without a listener only the console says so",
    ],
    help: [
      isNode
        ? `Listen: \`${worker}.on("error", …)\` and \`${worker}.on("exit", …)\`, or \`await once(${worker}, "exit")\`; \`${worker}.unref()\` where nobody needs to`
        : `Listen: \`${worker}.onmessage = …\` and \`${worker}.onerror = …\``,
    ],
    fixes: [],
    tags: [],
  };
}
