/**
 * `copied-not-moved`: a large buffer is copied on its way to another thread, where it could be transferred or shared.
 *
 * Its sibling is clippy's `large_types_passed_by_value`.
 */
import type { Fix } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, replace, textOf } from "../../fix.js";
import type { Argument, Call, Module, Operand } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { shortText } from "../../threads/naming.js";
import { type CallSite, indexModule, onlyDefinition } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { type LargeBuffer, largeBuffers, lengthSpan, shownBytes } from "./buffers.js";
import { isUsedLater } from "./later.js";

export const copiedNotMoved: Rule = {
  name: "copied-not-moved",
  summary: "A large buffer that is copied to another thread, where it could be transferred or shared",
  severity: "hint",
  rust: "large_types_passed_by_value",
  check: (facts) => indexModule(facts.module).calls.flatMap((site) => findingsOf(facts, site)),
};

/** How a call copies what it is given. */
type Way = "lock" | "message" | "worker" | "nested" | "channel";

function findingsOf(facts: Facts, site: CallSite): readonly Report[] {
  return copiedBy(facts, site.call).flatMap(({ way, argument }) => {
    if (argument.spread) return [];
    return largeBuffers(facts.module, facts.models, argument.value).flatMap((buffer) => {
      if (way === "nested" && buffer.path === "") return [];
      // Whoever goes on using it needs the copy; a lock copies each time, whoever has it.
      if (way !== "lock" && isUsedLater(facts, site, buffer)) return [];
      return [reportOf(facts.module, site, { way, argument, buffer })];
    });
  });
}

function copiedBy({ module, models }: Facts, call: Call): readonly { way: Way; argument: Argument }[] {
  const role = roleOf(module, models, call);
  const all = (way: Way, args: readonly Argument[]) => args.map((argument) => ({ way, argument }));
  switch (role?.kind) {
    case "share":
      return role.copies ? all("lock", call.args.slice(0, 1)) : [];
    case "move":
      return role.shallow ? all("nested", call.args) : [];
    case "send":
      return role.copies ? all("channel", call.args.slice(0, 1)) : [];
    case "post":
      return call.args.length === 1 ? all("message", call.args) : [];
    case "worker":
      return all("worker", workerData(module, call.args[1]?.value));
    default:
      return [];
  }
}

/** The `workerData` of options that say nothing of a transfer. */
function workerData(module: Module, options: Operand | undefined): readonly Argument[] {
  if (options?.kind !== "place" || options.place.path.length > 0) return [];
  const value = onlyDefinition(module, options.place.base)?.step.value;
  if (value?.kind !== "object") return [];
  if (value.fields.some((field) => field.spread || field.name === undefined || field.name === "transferList"))
    return [];
  return value.fields.flatMap((field) => (field.name === "workerData" ? [{ value: field.value, spread: false }] : []));
}

interface Copied {
  readonly way: Way;
  readonly argument: Argument;
  readonly buffer: LargeBuffer;
}

function reportOf(module: Module, site: CallSite, copied: Copied): Report {
  const { way, argument, buffer } = copied;
  const { file } = module;
  const size = shownBytes(buffer.bytes);
  const written = buffer.name ?? shortText(textOf(module, buffer.made.spans.whole));
  const isInline =
    buffer.made.spans.whole.start >= argument.value.span.start &&
    buffer.made.spans.whole.end <= argument.value.span.end;
  return {
    message:
      way === "lock"
        ? `\`${written}\` (${size}) is copied out of this lock and back, each time that somebody takes it`
        : `\`${written}\` (${size}) is copied to the other thread, although nothing uses it here any more`,
    location: { file, ...argument.value.span },
    label: labelOf(way, size),
    related: isInline ? [] : [{ file, ...buffer.made.spans.whole, message: `the ${size} are made here` }],
    notes: [noteOn(way)],
    help: [helpOn(way)],
    fixes: fixOf(module, site, copied),
    tags: [],
  };
}

function labelOf(way: Way, size: string): string {
  return way === "lock" ? `keeps ${size} as bytes of its own` : `${size} are copied here`;
}

function noteOn(way: Way): string {
  switch (way) {
    case "lock":
      return "a lock keeps its value in shared memory, and a value that is not shared itself is written there and read from there as a whole";
    case "message":
    case "worker":
      return "structured clone copies a buffer unless it is in the transfer list; a transfer hands over the memory itself, whatever its size";
    case "nested":
      return "`move` transfers the buffers that are its own arguments, and clones what is inside of objects and arrays";
    case "channel":
      return "this channel writes what is sent as JSON, a typed array element by element";
  }
}

function helpOn(way: Way): string {
  switch (way) {
    case "lock":
      return "Put the numbers into shared memory: a view of a `SharedArrayBuffer` is guarded without being copied";
    case "message":
      return "Name its buffer in the transfer list, the second argument";
    case "worker":
      return "Name its buffer in the option `transferList`";
    case "nested":
      return "Give the buffer to `move` as an argument of its own";
    case "channel":
      return "Move the buffer into the thread when it starts, or share it in a `SharedArrayBuffer`";
  }
}

function fixOf(module: Module, site: CallSite, { way, buffer }: Copied): readonly Fix[] {
  const { file } = module;
  const memory = buffer.name === undefined ? undefined : buffer.kind === "view" ? `${buffer.name}.buffer` : buffer.name;
  const at = site.call.args.at(-1)?.value.span.end;
  if (way === "message" && memory !== undefined && at !== undefined) {
    // In front of a comma that ends the list, and of comments; not into parentheses around the value.
    if (/^\s*\)/.test(textOf(module, { start: at, end: site.call.spans.args?.end ?? at }))) return [];
    return [{ title: `Transfer \`${memory}\``, preferred: true, edits: [insert(file, at, `, [${memory}]`)] }];
  }
  const length = lengthSpan(buffer.made, module);
  if (way !== "lock" || buffer.kind !== "view" || length === undefined) return [];
  const name = buffer.made.symbol?.name.replace(/^globalThis\./, "") ?? "";
  const count = textOf(module, length);
  const bytes = /^[\w$.]+$/.test(count) ? count : `(${count})`;
  const size = /^(?:Int8|Uint8|Uint8Clamped)Array$/.test(name) ? count : `${bytes} * ${name}.BYTES_PER_ELEMENT`;
  return [
    {
      title: "Put it into shared memory",
      // The type of the array is another one, which declarations elsewhere may not expect.
      preferred: false,
      edits: [replace(file, length, `new SharedArrayBuffer(${size})`)],
    },
  ];
}
