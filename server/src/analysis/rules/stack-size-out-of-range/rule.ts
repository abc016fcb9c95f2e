/** `stack-size-out-of-range`: a stack or heap size that the platform refuses. */
import type { Facts } from "../../facts.js";
import { replace } from "../../fix.js";
import type { Call, Module } from "../../mir/mir.js";
import type { SizeLimit } from "../../models/model.js";
import { numberOf, type OtherModules } from "../../threads/constants.js";
import { indexModule } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";

export const stackSizeOutOfRange: Rule = {
  name: "stack-size-out-of-range",
  summary: "A stack or heap size of a thread that the platform refuses",
  severity: "error",
  rust: undefined,
  check({ module, models, modules }: Facts): readonly Report[] {
    return indexModule(module).calls.flatMap(({ call }) => {
      const limit = call.symbol === undefined ? undefined : models.limit(call.symbol);
      return limit === undefined ? [] : (reportOf(module, call, limit, modules) ?? []);
    });
  },
};

function reportOf(
  module: Module,
  call: Call,
  { what, min, max, meant }: SizeLimit,
  others: OtherModules,
): Report | undefined {
  const [argument] = call.args;
  if (argument === undefined || argument.spread) return undefined;
  const bytes = numberOf(module, argument.value, others);
  if (bytes === undefined || (bytes >= min && bytes <= max)) return undefined;
  const { span } = argument.value;
  const file = module.file;
  const nearest = bytes < min ? min : max;
  // What somebody means who writes 8 where bytes are asked for.
  const isInMebibytes = Number.isInteger(bytes) && bytes > 0 && bytes <= 512 && bytes * mebibyte >= min;
  const wanted = isInMebibytes ? bytes * mebibyte : nearest;
  const title = isInMebibytes
    ? `Give it in bytes: ${inWords(wanted)}`
    : `Use the ${bytes < min ? "least" : "most"}: ${inWords(nearest)}`;
  return {
    message: `a ${what} of ${inWords(bytes)} is ${bytes < min ? "less than the least" : "more than the most"} that a thread can have, ${inWords(nearest)}`,
    location: { file, ...span },
    label: `${inWords(bytes)} is refused`,
    related: [],
    notes: [meant],
    help: [`Give it between ${inWords(min)} and ${inWords(max)}, in bytes`],
    fixes: [{ title, preferred: true, edits: [replace(file, span, written(wanted))] }],
    tags: [],
  };
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const gibibyte = 1024 * mebibyte;

function inWords(bytes: number): string {
  if (bytes >= gibibyte && bytes % gibibyte === 0) return `${bytes / gibibyte} GiB`;
  if (bytes >= mebibyte && bytes % mebibyte === 0) return `${bytes / mebibyte} MiB`;
  if (bytes >= kibibyte && bytes % kibibyte === 0) return `${bytes / kibibyte} KiB`;
  return `${bytes} bytes`;
}

function written(bytes: number): string {
  if (bytes % mebibyte === 0) return `${bytes / mebibyte} * 1024 * 1024`;
  return bytes % kibibyte === 0 ? `${bytes / kibibyte} * 1024` : String(bytes);
}
