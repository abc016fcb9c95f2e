/** Findings about shared memory that two threads write without taking turns. */
import type { Fix, Label, Span } from "../../diagnostic.js";
import { replace, textOf } from "../../fix.js";
import type { Call, LocalId, Module, Step } from "../../mir/mir.js";
import { ownerName } from "../../threads/naming.js";
import type { Scene } from "../../threads/starts.js";
import { indexModule, onlyDefinition } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { both } from "./assigned.js";
import { loadStoreOf, type RacyWrite } from "./shared-memory.js";

/** `Atomics` has a function for these. */
const atomicOf: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "&": "and",
  "|": "or",
  "^": "xor",
};

export function reportRace(scene: Scene, write: RacyWrite): Report {
  const { module } = scene;
  const { step } = write;
  const name = module.locals[write.array.base]?.name ?? "the array";
  const fix = fixOf(module, write);
  return {
    message: headline(write, name),
    location: { file: module.file, ...both(step.span) },
    label:
      write.kind === "assign"
        ? "written without a lock or an atomic"
        : "another thread can write between the read and the write",
    related: relatedTo(scene, write, name),
    notes: [
      write.kind === "assign"
        ? "a plain write to shared memory can come before, after or between the accesses of other threads"
        : "reading, computing and writing are three steps: when two threads do them at once, one of the updates is lost",
    ],
    help: [
      fix !== undefined
        ? fix.title.charAt(0).toLowerCase() + fix.title.slice(1)
        : write.kind === "assign"
          ? `use \`Atomics.store(${name}, …)\`, or put the array into a \`Mutex\` and write it under its lock`
          : `repeat with \`Atomics.compareExchange(${name}, …)\` until nobody came between, or put the array into a \`Mutex\``,
    ],
    fixes: fix === undefined ? [] : [fix],
    tags: [],
  };
}

function headline({ kind, step }: RacyWrite, name: string): string {
  if (kind === "assign") return `\`${name}\` is shared memory, and is written here while others use it`;
  const what = kind === "load-store" ? "a load and a store" : `\`${operatorOf(step)}\``;
  return `\`${name}\` is shared memory, and ${what} on it ${kind === "load-store" ? "are two steps" : "is not atomic"}: updates are lost`;
}

function operatorOf(step: Step): string {
  if (step.kind !== "update") return "=";
  return step.value === undefined ? step.operator : `${step.operator.replace(/=$/, "")}=`;
}

function relatedTo(scene: Scene, { others }: RacyWrite, name: string): readonly Label[] {
  const { module } = scene;
  const { file } = module;
  switch (others.kind) {
    case "same-thread-again":
      return [];
    case "another-thread":
      return [
        { file, ...both(others.start.call.spans.name), message: `another thread with \`${name}\` is started here` },
      ];
    case "parent":
      return [
        {
          file,
          ...both(others.use.span),
          message: `${ownerName(module, others.use.at.body)} uses it while the thread runs`,
        },
      ];
  }
}

function fixOf(module: Module, { kind, step, array }: RacyWrite): Fix | undefined {
  if (kind === "load-store") return loadStoreFix(module, step);
  if (kind !== "update" || step.kind !== "update" || !isIntegerArray(module, array.base)) return undefined;
  const [index] = step.place.path;
  const name = module.locals[array.base]?.name;
  if (index?.kind !== "index" || name === undefined || !isDiscarded(module, step.result, step.span, step.statement))
    return undefined;
  const [sign = "+"] = step.operator;
  const atomic = atomicOf[sign];
  if (atomic === undefined || /^(?:\*\*|\|\||&&|\?\?)/.test(step.operator)) return undefined;
  const at = insideBrackets(textOf(module, step.span), name);
  // What stands behind the operator, as it is written: with its parentheses and assertions.
  const amount = step.value === undefined ? "1" : /[-+&|^]=\s*([\s\S]*)$/.exec(at?.rest ?? "")?.[1];
  if (at === undefined || amount === undefined) return undefined;
  const newText = `Atomics.${atomic}(${name}, ${at.index}, ${amount})`;
  return { title: `Use \`Atomics.${atomic}\``, preferred: true, edits: [replace(module.file, step.span, newText)] };
}

/** The index in `name[index]`, and what comes behind the bracket. */
function insideBrackets(text: string, name: string): { readonly index: string; readonly rest: string } | undefined {
  const open = text.indexOf("[", text.indexOf(name) + name.length);
  let depth = 0;
  for (let at = open; at >= 0 && at < text.length; at++) {
    if (text[at] === "[") depth += 1;
    else if (text[at] === "]") depth -= 1;
    if (depth === 0) return { index: text.slice(open + 1, at), rest: text.slice(at + 1) };
  }
  return undefined;
}

/** `Atomics` works on arrays of integers, except the clamped one. */
function isIntegerArray(module: Module, array: LocalId): boolean {
  const type = module.locals[array]?.type;
  return type?.kind === "named" && /^(?:Int|Uint)(?:8|16|32)Array$/.test(type.symbol.name);
}

/** Whether nobody takes the value of the expression: `Atomics.add` returns the old one. */
function isDiscarded(module: Module, result: LocalId, span: Span, statement: Span): boolean {
  const uses = indexModule(module).uses.get(result) ?? [];
  const all = uses.every((use) => use.step?.kind === "discard" || use.access !== "read");
  return (
    all ||
    (statement.start === span.start && textOf(module, statement).replace(/;?\s*$/, "").length === span.end - span.start)
  );
}

/** `Atomics.store(a, i, Atomics.load(a, i) + n)` becomes `Atomics.add(a, i, n)`. */
function loadStoreFix(module: Module, step: Step): Fix | undefined {
  if (step.kind !== "assign" || step.value.kind !== "call" || loadStoreOf(module, step.value) === undefined)
    return undefined;
  const call: Call = step.value;
  const [array, at, value] = call.args.map((argument) => argument.value);
  if (
    array === undefined ||
    at === undefined ||
    value?.kind !== "place" ||
    !isDiscarded(module, step.to.base, step.span, step.statement)
  )
    return undefined;
  const made = onlyDefinition(module, value.place.base)?.step.value;
  if (made?.kind !== "compute") return undefined;
  const atomic = atomicOf[made.operator];
  const [left, right] = made.operands;
  if (atomic === undefined || left === undefined || right === undefined) return undefined;
  const isLoad = (text: string): boolean => /^Atomics\.load\(/.test(text);
  const [leftText, rightText] = [textOf(module, left.span), textOf(module, right.span)];
  const amount = isLoad(leftText) ? rightText : made.operator === "-" ? undefined : leftText;
  if (amount === undefined) return undefined;
  const newText = `Atomics.${atomic}(${textOf(module, array.span)}, ${textOf(module, at.span)}, ${amount})`;
  return {
    title: `Use \`Atomics.${atomic}\``,
    preferred: true,
    edits: [replace(module.file, call.spans.whole, newText)],
  };
}
