/** What sort of thing is captured decides what is said and what can be done. */
import type { Local, Module, Value } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import { globalName } from "../../threads/mutators.js";
import { type Sendability, sendability } from "../../threads/sendability.js";
import { indexModule, onlyDefinition } from "../../threads/walk.js";
import type { Captured } from "./captured.js";

interface Base {
  readonly captured: Captured;
  readonly name: string;
}

/** Where an imported name comes from. */
export interface ImportBinding {
  readonly specifier: string;
  /** `default`, `*` for the whole namespace, or the exported name. */
  readonly imported: string;
  /** Taken from what `require` returns. */
  readonly required?: boolean;
}

export type Finding =
  | (Base & { readonly kind: "value"; readonly sendability: Exclude<Sendability, { kind: "never" }> })
  /** `binding` is undefined where the import cannot be written as a dynamic one. */
  | (Base & { readonly kind: "import"; readonly binding: ImportBinding | undefined })
  | (Base & { readonly kind: "function"; readonly what: "function" | "class" | "namespace" })
  | (Base & { readonly kind: "unsendable"; readonly why: string })
  /** A loop of the thread waits until the parent sets it: a copy would never change. */
  | (Base & { readonly kind: "signal" })
  /** `this`, `arguments`, `super` and `new.target`, which belong to the function around the closure. */
  | (Base & { readonly kind: "implicit" });

export function kindOf(module: Module, models: Models, captured: Captured): Finding {
  const { local } = captured;
  const name = local.name ?? local.kind;
  const base = { captured, name };
  switch (local.kind) {
    case "this":
    case "arguments":
    case "super":
    case "new.target":
      return { ...base, name: local.kind, kind: "implicit" };
    case "import":
      return { ...base, kind: "import", binding: bindingOf(module, captured) };
    case "function":
    case "class":
    case "namespace":
      return { ...base, kind: "function", what: local.kind };
    case "param":
    case "const":
    case "let":
    case "var":
    case "using":
    case "await-using":
    case "enum":
    case "catch":
    case "temp": {
      if (local.function !== undefined) return { ...base, kind: "function", what: "function" };
      const binding = requiredBy(module, local);
      if (binding !== undefined) return { ...base, kind: "import", binding: binding.reachable ? binding : undefined };
      if (isSignal(module, captured)) return { ...base, kind: "signal" };
      if (isCalled(module, captured)) return { ...base, kind: "unsendable", why: "a function" };
      const sent = sendability(models, local);
      return sent.kind === "never"
        ? { ...base, kind: "unsendable", why: sent.why }
        : { ...base, kind: "value", sendability: sent };
    }
  }
}

function bindingOf(module: Module, { local }: Captured): ImportBinding | undefined {
  for (const declaration of module.imports) {
    const found = declaration.names.find((each) => each.local === local.id);
    if (found === undefined) continue;
    // `import x from "./x.json" with { type: "json" }` needs its attributes, which would have to be written again.
    const text = module.text.slice(declaration.span.start, declaration.span.end);
    return /\bwith\s*\{/.test(text) ? undefined : { specifier: declaration.specifier, imported: found.imported };
  }
  return undefined;
}

/** `const fs = require("node:fs")` and `const { readFile } = require("node:fs")`: an import in CommonJS's clothes. */
function requiredBy(module: Module, local: Local): (ImportBinding & { readonly reachable: boolean }) | undefined {
  if (local.kind !== "const") return undefined;
  const made = onlyDefinition(module, local.id)?.step.value;
  const direct = made === undefined ? undefined : requiredModule(made);
  if (direct !== undefined) return { ...direct, imported: "default" };
  if (made?.kind !== "use" || made.operand.kind !== "place") return undefined;
  const { base, path } = made.operand.place;
  const [field] = path;
  if (field === undefined) {
    const whole = module.locals[base]?.kind === "temp" ? onlyDefinition(module, base)?.step.value : undefined;
    const found = whole === undefined ? undefined : requiredModule(whole);
    return found && { ...found, imported: "default" };
  }
  const whole = path.length === 1 && field.kind === "field" ? onlyDefinition(module, base)?.step.value : undefined;
  const found = whole === undefined ? undefined : requiredModule(whole);
  return found && field.kind === "field" ? { ...found, imported: field.name, required: true } : undefined;
}

function requiredModule(value: Value): { readonly specifier: string; readonly reachable: boolean } | undefined {
  if (value.kind !== "call" || globalName(value) !== "require") return undefined;
  const argument = value.args[0]?.value;
  if (argument?.kind !== "constant" || typeof argument.value !== "string") return undefined;
  const specifier = argument.value;
  // `require` finds `./helper` and `./folder`; an import needs the whole path.
  return { specifier, reachable: !specifier.startsWith(".") || /\.[cm]?js$/.test(specifier) };
}

/** Whether the thread calls it: a function, whatever its type says or does not say. */
function isCalled(module: Module, { local, uses }: Captured): boolean {
  return (indexModule(module).callsBy.get(local.id) ?? []).some(({ call: { callee } }) =>
    uses.some(({ span }) => span.start === callee.span.start),
  );
}

/** `while (!stop) …`, where others than the thread write `stop`. */
function isSignal(module: Module, { local, uses }: Captured): boolean {
  if (!local.reassigned) return false;
  const bodies = new Set(uses.map((use) => use.body));
  return module.bodies.some(
    (body) =>
      bodies.has(body.id) &&
      body.blocks.some(
        ({ end, loop }) =>
          loop !== undefined &&
          end.kind === "branch" &&
          end.test.kind === "truthy" &&
          end.test.place.base === local.id &&
          end.test.place.path.length === 0,
      ),
  );
}
