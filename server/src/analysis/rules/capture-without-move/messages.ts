/** What the rule says. */
import type { Diagnostic, Fix, Label } from "../../diagnostic.js";
import type { Local } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import { closureName, ownerName } from "../../threads/naming.js";
import type { Scene, ThreadStart } from "../../threads/starts.js";
import { indexModule, isWithin } from "../../threads/walk.js";
import { importLines } from "./fixes.js";
import type { Finding } from "./kinds.js";

export function saying(
  scene: Scene,
  start: ThreadStart,
  finding: Finding,
): Pick<Diagnostic, "message" | "label" | "notes"> {
  return { message: headline(scene, start, finding), label: labelOf(start, finding), notes: notesOf(start, finding) };
}

function headline(scene: Scene, start: ThreadStart, finding: Finding): string {
  const { closure } = start;
  const { local } = finding.captured;
  const who = closureName(closure);
  const owner = closure.module === scene.module ? ownerName(scene.module, local.body) : "its module";
  const opening = start.scoped ? `${who} runs in a thread of its own` : `${who} may outlive ${owner}`;
  switch (finding.kind) {
    case "value":
    case "signal":
    case "unsendable":
      return `${opening}, but it uses \`${finding.name}\` without moving it`;
    case "import":
      return `${who} runs in a thread of its own, but it uses \`${finding.name}\`, which is imported outside of it`;
    case "function":
      return `${who} runs in a thread of its own, but it uses the ${finding.what} \`${finding.name}\`, which is declared outside of it`;
    case "implicit":
      return `${opening}, but it uses \`${finding.name}\`${local.body === 0 ? "" : ` of ${owner}`}`;
  }
}

function labelOf({ closure }: ThreadStart, { name }: Finding): string {
  return closure.how === "inline"
    ? `\`${name}\` does not exist in the new thread`
    : `${closureName(closure)} uses \`${name}\`, which does not exist in the new thread`;
}

function notesOf({ closure }: ThreadStart, finding: Finding): readonly string[] {
  const who = closure.how === "inline" ? "the closure" : closureName(closure);
  const scope = isOfModule(finding.captured.local)
    ? "this module's variables, functions and imports"
    : "this scope's variables";
  const why = `${who} runs in a worker of its own, which has none of ${closure.how === "imported" ? scope.replace("this", "its") : scope}`;
  switch (finding.kind) {
    case "value":
    case "import":
    case "implicit":
      return [why];
    case "function":
      return [
        why,
        `\`${finding.name}\` cannot be moved: only data can be sent to a thread, and a ${finding.what} is code`,
      ];
    case "signal":
      return [
        why,
        `moving \`${finding.name}\` in would give the thread a copy, which stays as it is when the parent sets its own`,
      ];
    case "unsendable":
      return [why, `\`${finding.name}\` cannot be moved: it is ${finding.why}`];
  }
}

function isOfModule(local: Local): boolean {
  return local.body === 0;
}

const maxRelated = 4;

export function relatedTo(start: ThreadStart, finding: Finding): readonly Label[] {
  const { closure } = start;
  const { local, uses } = finding.captured;
  const { file } = closure.module;
  const declared: Label[] =
    local.span === undefined
      ? []
      : [
          {
            file,
            ...spanOnly(local.span),
            message: `\`${finding.name}\` is ${declaredHow(finding)} here, in the parent thread`,
          },
        ];
  const others = closure.how === "inline" ? uses.slice(1) : uses;
  const used = others.slice(0, maxRelated - 1).map((use) => ({
    file,
    ...spanOnly(use.span),
    message: closure.how === "inline" ? "used here too" : `${closureName(closure)} uses \`${finding.name}\` here`,
  }));
  return [...declared, ...used];
}

function spanOnly({ start, end }: { readonly start: number; readonly end: number }): { start: number; end: number } {
  return { start, end };
}

function declaredHow({ kind }: Finding): string {
  return kind === "import" ? "imported" : "declared";
}

/** What to do, where the first fix does not say it. */
export function helpOf(scene: Scene, start: ThreadStart, finding: Finding, fixes: readonly Fix[]): readonly string[] {
  const { name } = finding;
  const { closure } = start;
  const inside = closure.how === "inline" ? "inside the closure" : `inside ${closureName(closure)}`;
  const [fix] = fixes;
  switch (finding.kind) {
    case "value":
      return [fix === undefined ? moveHelp(start, name) : lowerFirst(fix.title)];
    case "import": {
      const [line] = importLines([finding]);
      if (fix !== undefined) return [lowerFirst(fix.title)];
      return [
        line === undefined ? `import it ${inside}, with \`await import(…)\`` : `import it ${inside}: \`${line}\``,
      ];
    }
    case "function":
      return [`put \`${name}\` into a module of its own and \`await import(…)\` it ${inside}, or write it ${inside}`];
    case "signal":
      return [
        `share it: ${lockHelp(scene, name)}into an \`Int32Array\` over a \`SharedArrayBuffer\` and use \`Atomics.load\``,
      ];
    case "unsendable":
      return [`send the data that the thread needs instead, or make \`${name}\` ${inside}`];
    case "implicit":
      return [implicitHelp(scene, start, finding)];
  }
}

/** One way to share it, where the library has one for every value. */
function lockHelp(scene: Scene, name: string): string {
  const put = `put \`${name}\` `;
  const any = libraryOf(scene).dialect.exports === undefined;
  return any ? `${put}into \`Arc.new(new Mutex(…))\` and look at it under the lock, or ` : put;
}

function lowerFirst(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}

function moveHelp({ closure, wrapper, maps }: ThreadStart, name: string): string {
  if (maps)
    return `give \`${name}\` with each element (\`values.map((value) => ({ value, ${name} }))\`), or start them with \`pool.spawn(move(…, ${name}), …)\``;
  if (wrapper !== undefined)
    return `give \`${wrapper}\` a parameter for the values to move, and pass \`move(${name})\` on to \`spawn\``;
  if (closure.how === "inline") return `move \`${name}\` into the thread`;
  const who = closureName(closure);
  return `give ${who} a parameter for \`${name}\`, and move it in: \`spawn(move(${name}), ${who.replaceAll("`", "")})\``;
}

function implicitHelp({ module }: Scene, { closure }: ThreadStart, { name, captured }: Finding): string {
  if (name === "arguments") return "take the arguments by name (`...args`), and move what the thread needs";
  if (name !== "this") return `do what needs \`${name}\` outside of the closure, and move the result in`;
  const fields = (indexModule(module).uses.get(captured.local.id) ?? []).flatMap(({ at, place }) => {
    const [first] = place.path;
    return isWithin(module, at.body, closure.body.id) && first?.kind === "field" ? [first.name] : [];
  });
  const field = fields[0];
  const local = field?.replace(/^#/, "") ?? "value";
  const from = field === undefined ? "this.…" : `this.${field}`;
  return `copy what the thread needs into a variable first (\`const ${local} = ${from}\`), and move that`;
}
