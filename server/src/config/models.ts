/**
 * `models` of a config: what the exports of a library, or of a file of the project, mean to the analysis.
 *
 * A role is named by one word; where one word leaves something open, there is a word for each answer.
 */
import { isAbsolute, join } from "node:path";
import type { Span } from "../analysis/diagnostic.js";
import type { LibraryModel, Role, TypeRole } from "../analysis/models/model.js";
import { toSlashes } from "../render/paths.js";
import type { JsonMember, JsonValue } from "./json-text.js";

interface NamedRole {
  readonly description: string;
  readonly role: Role;
}

/** The roles that a config can give to a function, a method or (as `new Name`) a class. */
export const callableRoles: Readonly<Record<string, NamedRole>> = {
  spawn: {
    description: "Starts a thread with a function it is given, and returns its handle.",
    role: { kind: "spawn", returns: "handle", scoped: false },
  },
  "spawn-result": {
    description: "As `spawn`, and returns the handle inside a Result.",
    role: { kind: "spawn", returns: "result-of-handle", scoped: false },
  },
  "spawn-scoped": {
    description: "As `spawn`, for threads that something else joins: a scope, a pool.",
    role: { kind: "spawn", returns: "handle", scoped: true },
  },
  move: { description: "Gives its arguments to a thread.", role: { kind: "move" } },
  join: {
    description: "Returns a promise that settles when the thread of the receiver has ended.",
    role: { kind: "join", mode: "async", returns: "anything" },
  },
  "join-sync": {
    description: "Blocks until the thread of the receiver has ended.",
    role: { kind: "join", mode: "sync", returns: "anything" },
  },
  detach: { description: "Lets the thread of the receiver run on its own, on purpose.", role: { kind: "detach" } },
  borrow: { description: "Looks at the receiver and the arguments and keeps nothing.", role: { kind: "borrow" } },
  clone: { description: "Returns a second handle to what the receiver refers to.", role: { kind: "clone" } },
  share: { description: "Makes a value that several threads may use.", role: { kind: "share" } },
  lock: {
    description: "Takes a lock, and returns a promise of its guard.",
    role: { kind: "lock", mode: "async", returns: "guard" },
  },
  "lock-sync": {
    description: "Takes a lock, and returns its guard.",
    role: { kind: "lock", mode: "sync", returns: "guard" },
  },
  unwrap: { description: "Returns the value inside a Result.", role: { kind: "unwrap" } },
  scope: { description: "Opens a scope whose threads are joined when it ends.", role: { kind: "scope" } },
  task: {
    description: "Gives its first argument to a worker as a message, and returns a promise of what comes of it.",
    role: { kind: "task", data: 0, unheard: "a task that fails rejects the promise that this call returns" },
  },
  post: {
    description: "Posts its first argument to another thread; what is in the list behind it is moved.",
    role: { kind: "post" },
  },
  worker: {
    description: "Starts a worker of Node with the file that is its first argument, and returns it.",
    role: { kind: "worker", host: "node" },
  },
  channel: { description: "Makes a channel, as a pair of sender and receiver.", role: { kind: "channel" } },
};

/** The roles that a config can give to a class or an interface. */
export const typeRoles: Readonly<Partial<Record<TypeRole, string>>> = {
  handle: "Stands for a running thread.",
  result: "A value or an error.",
  lock: "Guards a value that threads share.",
  guard: "Holds a lock for as long as it lives.",
  arc: "One of several handles to a shared value.",
  atomic: "A number or flag that is changed as a whole.",
  sender: "The end of a channel where values go in.",
  receiver: "The end of a channel where values come out.",
  scope: "Joins its threads when it ends.",
  moved: "Values on their way to a thread.",
};

type Refuse = (span: Span, problem: string) => never;

/** @param folder Where the config lies: `file` is relative to it. */
export function readModels(value: JsonValue, folder: string, refuse: Refuse): readonly LibraryModel[] {
  if (value.kind !== "array") return refuse(value.span, "expected `models` to be a list of models");
  return value.elements.map((element) => readModel(element, folder, refuse));
}

function readModel(value: JsonValue, folder: string, refuse: Refuse): LibraryModel {
  if (value.kind !== "object")
    return refuse(value.span, 'expected a model such as { "package": "…", "callables": { … } }');
  let owner: string | undefined;
  let callables: LibraryModel["callables"] = {};
  let types: LibraryModel["types"] = {};
  for (const member of value.members) {
    switch (member.key) {
      case "package":
      case "file": {
        if (owner !== undefined) refuse(member.keySpan, "expected one of `package` and `file`, found both");
        const name = stringOf(member, refuse);
        owner = member.key === "package" ? name : fileOf(folder, name);
        break;
      }
      case "callables":
        callables = readNames(member, Object.keys(callableRoles), refuse, (word) => callableRoles[word]!.role);
        break;
      case "types":
        types = readNames(member, Object.keys(typeRoles), refuse, (word) => word as TypeRole);
        break;
      default:
        refuse(
          member.keySpan,
          `unknown setting \`${member.key}\`; there are \`package\`, \`file\`, \`callables\`, \`types\``,
        );
    }
  }
  return {
    package: owner ?? refuse(value.span, "expected `package` or `file`, to say whose exports these are"),
    callables,
    types,
  };
}

function stringOf(member: JsonMember, refuse: Refuse): string {
  const value = member.value.kind === "scalar" ? member.value.value : undefined;
  return typeof value === "string" && value !== ""
    ? value
    : refuse(member.value.span, `expected \`${member.key}\` to be a text that is not empty`);
}

/** The analysis names a file of the project by its path. */
function fileOf(folder: string, name: string): string {
  return toSlashes(isAbsolute(name) ? name : join(folder, name));
}

function readNames<T>(
  member: JsonMember,
  words: readonly string[],
  refuse: Refuse,
  make: (word: string) => T,
): Readonly<Record<string, T>> {
  const { key, value } = member;
  if (value.kind !== "object") return refuse(value.span, `expected \`${key}\` to be an object of roles by name`);
  return Object.fromEntries(
    value.members.map((entry) => {
      const found = entry.value.kind === "scalar" ? entry.value.value : undefined;
      const word = words.find((known) => known === found);
      return [entry.key, make(word ?? refuse(entry.value.span, `expected one of ${words.join(", ")}`))];
    }),
  );
}

/** The JSON schema of `models`. */
export function modelsSchema(): object {
  const roles = (words: readonly (readonly [string, string])[], description: string): object => ({
    type: "object",
    description,
    additionalProperties: { anyOf: words.map(([word, text]) => ({ const: word, description: text })) },
  });
  return {
    type: "array",
    description: "What exports of other libraries, or of the project's own files, mean: for wrappers of your own.",
    items: {
      type: "object",
      additionalProperties: false,
      properties: {
        package: { type: "string", minLength: 1, description: "The npm package that declares the names." },
        file: { type: "string", minLength: 1, description: "The file that declares them, relative to this config." },
        callables: roles(
          Object.entries(callableRoles).map(([word, { description }]) => [word, description] as const),
          "Roles of functions (`start`), methods (`Pool.run`) and constructors (`new Lock`).",
        ),
        types: roles(Object.entries(typeRoles), "Roles of classes and interfaces."),
      },
      oneOf: [{ required: ["package"] }, { required: ["file"] }],
    },
  };
}
