/** Instances that are posted between a worker and the code that starts it, where the other side calls their methods. */
import type { Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { Call } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { Part, SymbolKey } from "../../program/program.js";
import { indexModule, withNested } from "../../threads/walk.js";
import { type Conversation, conversation, type Listener, type Post, pathInMessage } from "../../workers/messages.js";
import type { Report } from "../rule.js";

export function lostMethods(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    if (roleOf(module, models, site.call)?.kind !== "worker") return [];
    const said = conversation(facts, site);
    return said === undefined ? [] : [...onTheWay(facts, said), ...onArrival(facts, said)];
  });
}

/** A method of an instance that is posted, called by who gets the message. */
interface Loss {
  readonly post: Post;
  readonly part: Part;
  readonly className: string;
  readonly method: string;
  readonly listener: Listener;
  readonly call: Call;
}

function onTheWay(facts: Facts, { toWorker, inWorker }: Conversation): readonly Report[] {
  return lossesOf(facts, toWorker, inWorker ?? []).map((loss) => {
    const { post, listener, call } = loss;
    const related = { file: listener.module.file, ...call.spans.callee, message: `\`${loss.method}\` is called here` };
    return findingFor(facts, loss, { span: post.message.span, related, label: `\`${loss.method}\` stays here` });
  });
}

/** Of what the worker posts it is told where this file calls the method: nobody knows who else starts that worker. */
function onArrival(facts: Facts, { fromWorker, inStarter }: Conversation): readonly Report[] {
  return lossesOf(facts, fromWorker, inStarter ?? []).map((loss) => {
    const { post, call } = loss;
    const related = { file: post.module.file, ...post.message.span, message: "the worker posts the instance here" };
    return findingFor(facts, loss, { span: call.spans.callee, related, label: "what arrived has no such method" });
  });
}

/** Of one message one method is enough. */
function lossesOf(facts: Facts, posts: readonly Post[], listeners: readonly Listener[]): readonly Loss[] {
  return posts.flatMap((post) => {
    const losses = (post.call.args[0]?.parts ?? []).flatMap((part) => {
      const owner = classOf(part);
      if (owner === undefined || listeners.some((listener) => mayRevive(facts, listener, part.path))) return [];
      const [found] = listeners.flatMap((listener) => callsOn(facts, listener, part.path, owner));
      return found === undefined ? [] : [{ post, part, className: owner.name, ...found }];
    });
    return losses.slice(0, 1);
  });
}

/** Whether a listener may give what arrives its class back: it sets a prototype, or hands it to code that is not seen. */
function mayRevive({ models }: Facts, { module, body, ...rest }: Listener, path: string): boolean {
  const text = textOf(module, body.spans.whole);
  if (/\bsetPrototypeOf\b|\b__proto__\b/.test(text)) return true;
  const calls = withNested(module, body.id).flatMap(({ id }) => indexModule(module).callsOf.get(id) ?? []);
  return calls.some(({ call }) => {
    if (roleOf(module, models, call) !== undefined) return false;
    return call.args.some(({ value }) => {
      const given = pathInMessage({ module, body, ...rest }, value);
      return given !== undefined && path.startsWith(given);
    });
  });
}

/** The class of the project that a value is an instance of, unless the class says how it travels. */
function classOf({ type, instance }: Part): SymbolKey | undefined {
  if (!instance || type.kind !== "named" || type.symbol.package !== undefined) return undefined;
  return type.statics?.includes("@send") === false ? type.symbol : undefined;
}

function callsOn({ modules }: Facts, listener: Listener, path: string, owner: SymbolKey) {
  const { module, body } = listener;
  const calls = withNested(module, body.id).flatMap(({ id }) => indexModule(module).callsOf.get(id) ?? []);
  return calls.flatMap(({ call }) => {
    const { receiver, method, symbol } = call;
    if (receiver === undefined || method === undefined || pathInMessage(listener, receiver) !== path) return [];
    const name = `${owner.name}.${method}`;
    // The listener says what it takes the message for; else the class says what it has.
    const isMethod =
      (symbol?.file === owner.file && symbol.name === name) ||
      (modules.get(owner.file)?.bodies ?? []).some((each) => each.kind === "method" && each.symbol?.name === name);
    return isMethod ? [{ listener, call, method }] : [];
  });
}

interface Shown {
  readonly span: Span;
  readonly label: string;
  readonly related: Report["related"][number];
}

function findingFor({ file }: Facts, { part, className, method }: Loss, { span, label, related }: Shown): Report {
  const whose = part.path === "" ? "it" : `its \`${part.path.slice(1)}\``;
  return {
    message: `an instance of the class \`${className}\` loses its methods in a message, and \`${method}\` is called on what arrives`,
    location: { file, ...span },
    label,
    related: [related],
    notes: [
      `structured clone copies the fields of an object and leaves out its class: ${whose} arrives as a plain object, and \`${method}\` is no function there`,
    ],
    help: ["Make an instance of what arrives, or call a function with it"],
    fixes: [],
    tags: [],
  };
}
