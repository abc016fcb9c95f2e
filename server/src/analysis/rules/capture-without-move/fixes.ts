/** The fixes of the rule: move values, import inside, copy a function inside. */
import type { Fix, Span, TextEdit } from "../../diagnostic.js";
import { indentationAt, lineBreak, textOf } from "../../fix.js";
import type { Local, Module } from "../../mir/mir.js";
import { mergeEdits } from "../../threads/edits.js";
import { type Gift, giveEdits } from "../../threads/give.js";
import { type LibraryName, libraryNames } from "../../threads/imports.js";
import { openingEdits, openWith } from "../../threads/make-async.js";
import { listed } from "../../threads/naming.js";
import { reachableFrom } from "../../threads/reach.js";
import type { Sendability } from "../../threads/sendability.js";
import { type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import { bodyOf, indexModule, isWithin, onlyDefinition } from "../../threads/walk.js";
import { isUsedElsewhere, type Reaches } from "./captured.js";
import type { Finding } from "./kinds.js";

/** The fixes of one finding; `all` are the findings of the same thread. */
export function fixesOf(scene: Scene, start: ThreadStart, finding: Finding, all: readonly Finding[]): readonly Fix[] {
  switch (finding.kind) {
    case "value":
      return moveFixes(
        scene,
        start,
        finding,
        all.filter((each) => each.kind === "value"),
      );
    case "import":
      return importFixes(
        scene,
        start,
        finding,
        all.filter((each) => each.kind === "import"),
      );
    case "function":
      return copyFixes(scene, start, finding);
    case "unsendable":
    case "signal":
    case "implicit":
      return [];
  }
}

type Of<K extends Finding["kind"]> = Finding & { readonly kind: K };

function moveFixes(
  scene: Scene,
  start: ThreadStart,
  finding: Of<"value">,
  all: readonly Of<"value">[],
): readonly Fix[] {
  const one = moveFix(scene, start, [finding]);
  if (all.length < 2) return one === undefined ? [] : [{ ...one, preferred: true }];
  const together = moveFix(scene, start, all);
  return [together === undefined ? [] : [{ ...together, preferred: true }], one ?? []].flat();
}

function moveFix(scene: Scene, start: ThreadStart, findings: readonly Of<"value">[]): Fix | undefined {
  const givesLock = findings.some(
    (finding) => finding.sendability.kind === "given" && isStillUsed(scene, start, finding.captured.local),
  );
  const wanted = [givesLock ? "Arc" : [], start.move === undefined ? "move" : []].flat();
  const library = libraryNames(scene, wanted);
  const parts = findings.map((finding) => giftOf(scene, start, finding, library.get("Arc")));
  const gifts: Gift[] = [];
  const wraps: TextEdit[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    gifts.push(part.gift);
    wraps.push(...part.edits);
  }
  const edits = giveEdits(scene, start, gifts, library, firstParamUsing(start, findings));
  if (edits === undefined) return undefined;
  const names = findings.map((finding) => finding.name);
  const second = gifts.filter((gift) => gift.expression.endsWith(".clone()"));
  const what =
    second.length === gifts.length ? `clone${names.length === 1 ? "" : "s"} of ${listed(names)}` : listed(names);
  const title =
    second.length === gifts.length && names.length === 1
      ? `Move a ${what} into the thread`
      : `Move ${what} into the thread`;
  return { title, preferred: false, edits: mergeEdits([...wraps, ...edits]) };
}

/** The first parameter with a default value that uses one of the variables. */
function firstParamUsing({ closure }: ThreadStart, findings: readonly Of<"value">[]): number | undefined {
  const uses = findings.flatMap(({ captured }) => captured.uses);
  const found = closure.body.params.findIndex(({ span }) =>
    uses.some((use) => span.start <= use.span.start && use.span.end <= span.end),
  );
  return found < 0 ? undefined : found;
}

/** How the parent gives the value: as it is, as a second handle, or as a copy where the parent goes on using its own. */
function giftOf(
  scene: Scene,
  start: ThreadStart,
  { name, captured, sendability }: Of<"value">,
  arc: LibraryName | undefined,
): { readonly gift: Gift; readonly edits: readonly TextEdit[] } | undefined {
  const asIs = { gift: { expression: name, param: name }, edits: [] };
  const { local } = captured;
  const stays =
    isStillUsed(scene, start, local) || (sendability.kind === "cloned" && isAnothersToo(scene, local, sendability));
  if (sendability.kind === "copied" || !stays) return asIs;
  switch (sendability.kind) {
    case "cloned":
      return { gift: { expression: `${name}.clone()`, param: name }, edits: [] };
    case "transferred": {
      const copy = copyOf(name, local);
      return copy === undefined ? undefined : { gift: { expression: copy, param: name }, edits: [] };
    }
    case "given": {
      const edits = wrapInArc(scene, local, arc);
      return edits === undefined ? undefined : { gift: { expression: `${name}.clone()`, param: name }, edits };
    }
  }
}

/**
 * Whether something else holds the same handle, which moving it would take away: `const total = this.#total`. A caller
 * that gives an `Arc` may go on using it; one that gives a sender wants the channel to end with the thread.
 */
function isAnothersToo({ module }: Scene, local: Local, { of }: Sendability & { readonly kind: "cloned" }): boolean {
  if (local.kind === "param") return of === "arc";
  const made = onlyDefinition(module, local.id)?.step.value;
  if (made?.kind !== "use" || made.operand.kind !== "place") return false;
  return module.locals[made.operand.place.base]?.kind !== "temp";
}

/** Whether the parent still needs its own after it gave the value away. */
function isStillUsed(scene: Scene, start: ThreadStart, local: Local): boolean {
  return isUsedElsewhere(scene, start, local.id, reachesFrom(scene, start));
}

function reachesFrom(scene: Scene, start: ThreadStart): Reaches {
  const body = bodyOf(scene.module, start.at);
  return {
    to: reachableFrom(body, start.at),
    again: (id) => {
      const made = indexModule(scene.module).definitions.get(id) ?? [];
      return reachableFrom(
        body,
        start.at,
        made.map(({ at }) => at),
      )(start.at);
    },
  };
}

function copyOf(name: string, { type }: Local): string | undefined {
  if (type?.kind !== "named") return undefined;
  const simple = type.symbol.name.replace(/^.*\./, "");
  if (simple === "Buffer") return `Buffer.from(${name})`;
  return simple === "ArrayBuffer" || simple.endsWith("Array") ? `${name}.slice(0)` : undefined;
}

/** `const m = new Mutex(0)` becomes `const m = Arc.new(new Mutex(0))`, so that it can be cloned. */
function wrapInArc({ module }: Scene, local: Local, arc: LibraryName | undefined): readonly TextEdit[] | undefined {
  const made = onlyDefinition(module, local.id)?.step;
  const origin =
    made?.value.kind === "use" && made.value.operand.kind === "place"
      ? onlyDefinition(module, made.value.operand.place.base)?.step.value
      : made?.value;
  if (arc === undefined || local.kind !== "const" || origin?.kind !== "call" || origin.form !== "new") return undefined;
  const { start, end } = origin.spans.whole;
  const { file } = module;
  return [
    ...arc.edits,
    { file, start, end: start, newText: `${arc.text}.new(` },
    { file, start: end, end, newText: ")" },
  ];
}

function importFixes(
  scene: Scene,
  start: ThreadStart,
  finding: Of<"import">,
  all: readonly Of<"import">[],
): readonly Fix[] {
  const one = importFix(scene, start, [finding]);
  if (all.length < 2) return one === undefined ? [] : [{ ...one, preferred: true }];
  const together = importFix(scene, start, all);
  return [together === undefined ? [] : [{ ...together, preferred: true }], one ?? []].flat();
}

function importFix(scene: Scene, start: ThreadStart, findings: readonly Of<"import">[]): Fix | undefined {
  const { closure } = start;
  if (closure.module !== scene.module) return undefined;
  if (findings.some((finding) => finding.binding === undefined)) return undefined;
  // An async function is another function to those who call it.
  if (closure.how !== "inline" && !closure.body.async && isCalledElsewhere(scene, start)) return undefined;
  const edits = openingEdits(scene.module, closure.body, importLines(findings));
  if (edits === undefined) return undefined;
  const where = closure.how === "inline" || closure.name === undefined ? "the closure" : `\`${closure.name}\``;
  return {
    title: `Import ${listed(findings.map((finding) => finding.name))} inside ${where}`,
    preferred: false,
    edits,
  };
}

/** Whether somebody uses the thread's function in another way than by starting threads with it. */
function isCalledElsewhere(scene: Scene, start: ThreadStart): boolean {
  const { module } = scene;
  const local = module.locals.find((each) => each.function === start.closure.body.id);
  if (local === undefined || local.exported) return true;
  const starts = threadStarts(scene).map((each) => each.closure.operand);
  return (indexModule(module).uses.get(local.id) ?? []).some(
    (use) =>
      use.access === "read" &&
      !isWithin(module, use.at.body, start.closure.body.id) &&
      !starts.some((s) => s.start === use.span.start),
  );
}

/** One `await import(…)` for each module, in order of first use. */
export function importLines(findings: readonly Of<"import">[]): readonly string[] {
  const bySpecifier = new Map<string, string[]>();
  const lines: string[] = [];
  for (const { binding, name } of findings) {
    if (binding === undefined) continue;
    const specifier = JSON.stringify(binding.specifier);
    if (binding.imported === "*") {
      lines.push(`const ${name} = await import(${specifier});`);
      continue;
    }
    const names = bySpecifier.get(specifier) ?? [];
    const renamed = binding.imported === name ? name : `${binding.imported}: ${name}`;
    // What `require` gives is the default export of the same module when it is imported, whatever else is found in it.
    names.push(binding.required ? `default: { ${renamed} }` : renamed);
    bySpecifier.set(specifier, names);
  }
  for (const [specifier, names] of bySpecifier)
    lines.push(`const { ${names.join(", ")} } = await import(${specifier});`);
  return lines;
}

/** A function that needs nothing from outside can stand inside the closure. */
function copyFixes({ module }: Scene, start: ThreadStart, { captured, name, what }: Of<"function">): readonly Fix[] {
  const { closure } = start;
  const { local } = captured;
  const whole = copiedSpan(module, local);
  if (closure.module !== module || closure.how !== "inline" || whole === undefined) return [];
  const lines = declarationText(module, local, whole);
  if (lines === undefined) return [];
  const edit = openWith(module, closure.body, lines);
  return [{ title: `Copy the ${what} \`${name}\` into the closure`, preferred: false, edits: [edit] }];
}

/** The text that makes the function or class, where it uses nothing from outside of itself. */
function copiedSpan(module: Module, local: Local): Span | undefined {
  // `function` of a class is its constructor, which is not all of it.
  if (local.kind === "class") {
    const whole = local.statement;
    return whole === undefined || usesOthers(module, local, whole) ? undefined : whole;
  }
  const body = local.function === undefined ? undefined : module.bodies[local.function];
  if (body === undefined || body.captures.some((capture) => capture.local !== local.id)) return undefined;
  return body.spans.whole;
}

/** Whether anything within `whole` names a binding that is declared around it: a base class counts, too. */
function usesOthers(module: Module, own: Local, whole: Span): boolean {
  const within = ({ start, end }: Span): boolean => whole.start <= start && end <= whole.end;
  return module.locals.some((local) => {
    if (local === own || local.typeOnly || local.span === undefined || within(local.span)) return false;
    return (indexModule(module).uses.get(local.id) ?? []).some((use) => within(use.span));
  });
}

const longestCopy = 40;

function declarationText(module: Module, local: Local, whole: Span): readonly string[] | undefined {
  const raw = textOf(module, whole);
  const text =
    local.kind === "function" || local.kind === "class"
      ? raw.replace(/^(?:export\s+)?(?:default\s+)?/, "")
      : `const ${local.name} = ${raw};`;
  const outer = indentationAt(module.text, whole.start);
  const lines = text
    .split(lineBreak(module.text))
    .map((line) => (line.startsWith(outer) ? line.slice(outer.length) : line));
  return lines.length > longestCopy ? undefined : lines;
}
