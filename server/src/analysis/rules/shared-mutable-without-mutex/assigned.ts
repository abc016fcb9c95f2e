/** Findings about a thread that assigns to a variable of the code around it. */
import type { Label, Span } from "../../diagnostic.js";
import { libraryOf } from "../../models/dialect.js";
import type { SharedChange } from "../../threads/changes.js";
import { closureName, ownerName } from "../../threads/naming.js";
import type { Scene, ThreadStart } from "../../threads/starts.js";
import { indexModule, isWithin } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { lockFix } from "./fix-lock.js";
import { returnFix } from "./fix-return.js";

export function reportAssigned(
  scene: Scene,
  start: ThreadStart,
  change: SharedChange & { readonly kind: "assigned" },
): Report {
  const { local, module, changes, through } = change;
  const { closure } = start;
  const name = local.name ?? "it";
  const spans = changes.map(({ span }) => span);
  const first = spans[0] ?? closure.operand;
  const inline = closure.how === "inline" && through === undefined;
  const span = inline
    ? first
    : closure.how === "inline"
      ? (callOf(scene, start, through) ?? closure.operand)
      : closure.operand;
  const fixes = [
    returnFix(scene, start, change) ?? [],
    (canShare(scene, start, change) ? lockFix(scene, local) : undefined) ?? [],
  ].flat();
  return {
    message: `thread changes \`${name}\`, which belongs to ${ownerOf(scene, start, change)}, with no lock between them`,
    location: { file: scene.module.file, start: span.start, end: span.end },
    label: inline
      ? `the thread has no \`${name}\` to change`
      : `${whoChanges(start, through)} changes \`${name}\`, which the thread does not have`,
    related: [
      ...(local.span === undefined
        ? []
        : [{ file: module.file, ...both(local.span), message: `\`${name}\` is declared here, in the parent thread` }]),
      ...(inline ? spans.slice(1, 3) : spans.slice(0, 3)).map((each) => ({
        file: module.file,
        ...both(each),
        message: inline ? "changed here too" : "changed here",
      })),
      ...readLabel(scene, start, change),
    ],
    notes: [
      `a thread has none of the variables around its closure, so this panics with \`ReferenceError: ${name} is not defined\``,
      "threads share memory only through a lock or an atomic; moving the variable in would change a copy",
    ],
    help: helpFor(scene, fixes),
    fixes,
    tags: [],
  };
}

/** A function that is spawned by name, or called by the thread, has no place for the lock to come in. */
function canShare(
  scene: Scene,
  { closure }: ThreadStart,
  { through }: SharedChange & { readonly kind: "assigned" },
): boolean {
  return through === undefined && closure.module === scene.module;
}

function ownerOf(
  scene: Scene,
  { closure }: ThreadStart,
  { local }: SharedChange & { readonly kind: "assigned" },
): string {
  return closure.module === scene.module ? ownerName(scene.module, local.body) : "its module";
}

function whoChanges({ closure }: ThreadStart, through: string | undefined): string {
  return through === undefined ? closureName(closure) : `\`${through}\``;
}

/** Where the closure calls the function that does the change. */
function callOf(scene: Scene, { closure }: ThreadStart, through: string | undefined): Span | undefined {
  const call = indexModule(scene.module).calls.find(
    (each) => isWithin(scene.module, each.at.body, closure.body.id) && each.call.method === through,
  );
  return call?.call.spans.name;
}

/** The first place behind the start of the thread where the old value is read. */
function readLabel(
  scene: Scene,
  start: ThreadStart,
  { local, module }: SharedChange & { readonly kind: "assigned" },
): readonly Label[] {
  if (module !== scene.module) return [];
  const read = (indexModule(module).uses.get(local.id) ?? []).find(
    (use) => use.access === "read" && use.span.start > start.call.spans.whole.end && use.at.body === start.at.body,
  );
  return read === undefined ? [] : [{ file: module.file, ...both(read.span), message: `still has its old value here` }];
}

export function both({ start, end }: Span): Span {
  return { start, end };
}

export function helpFor(scene: Scene, fixes: readonly { readonly title: string }[]): readonly string[] {
  const [first] = fixes;
  if (first !== undefined) return [first.title.charAt(0).toLowerCase() + first.title.slice(1)];
  return [libraryOf(scene).dialect.sharing, "or return the new value from the closure and take it from `join()`"];
}
