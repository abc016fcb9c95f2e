/** The middle form as text: one line a step, for people who look into why a rule said something. */
import type { Span } from "../diagnostic.js";
import type { SymbolKey, TypeKey } from "../program/program.js";
import type {
  Argument,
  Block,
  Body,
  Call,
  Local,
  LocalId,
  Module,
  Operand,
  Place,
  Step,
  Terminator,
  Test,
  Value,
} from "./mir.js";

/** A whole file. Temporaries are `_n`, blocks `bn`, functions `fn#n`; `name.2` is the second local of that name. */
export function dump(module: Module): string {
  const names = localNames(module.locals);
  const parts = module.bodies.map((body) => dumpBody(module, body, names));
  return parts.join("\n\n");
}

type Names = readonly string[];

function localNames(locals: readonly Local[]): Names {
  const counts = new Map<string, number>();
  return locals.map((local) => {
    if (local.name === undefined) return `_${local.id}`;
    const count = (counts.get(local.name) ?? 0) + 1;
    counts.set(local.name, count);
    return count === 1 ? local.name : `${local.name}.${count}`;
  });
}

function dumpBody(module: Module, body: Body, names: Names): string {
  const lines = [header(module, body, names)];
  for (const capture of body.captures) {
    const uses = capture.uses.map((use) => {
      const where = use.body === body.id ? "" : ` in fn#${use.body}`;
      return `${use.access}${use.shorthand ? " shorthand" : ""} ${position(module, use.span)}${where}`;
    });
    const kind = module.locals[capture.local]?.kind ?? "?";
    lines.push(`  captures ${names[capture.local]} (${kind}): ${uses.join(", ")}`);
  }
  for (const block of body.blocks) lines.push(...dumpBlock(module, block, names));
  return lines.join("\n");
}

function header(module: Module, body: Body, names: Names): string {
  const modifiers = body.kind === "module" ? "" : `${body.async ? "async " : ""}${body.generator ? "generator " : ""}`;
  const params = body.params.map((param) => {
    const rest = param.rest ? "..." : "";
    return `${rest}${names[param.arrives]}${param.optional ? "?" : ""}`;
  });
  const name = body.name === undefined ? "" : ` ${body.name}`;
  const parent = body.parent === undefined ? "" : ` in fn#${body.parent}`;
  const list = body.kind === "module" ? "" : `(${params.join(", ")})`;
  return `fn#${body.id} ${modifiers}${body.kind}${name}${list}${parent} ${position(module, body.spans.whole)}`;
}

function dumpBlock(module: Module, block: Block, names: Names): readonly string[] {
  const loop = block.loop === undefined ? "" : ` loop ${block.loop.kind}`;
  const unwind = block.unwind === undefined ? "" : ` unwind b${block.unwind}`;
  const steps = block.steps.map((step) => `    ${dumpStep(step, names)}  @${position(module, step.span)}`);
  return [`  b${block.id}:${loop}${unwind}`, ...steps, `    ${dumpEnd(block.end, names)}`];
}

const lineStarts = new WeakMap<Module, readonly number[]>();

/** Line and column, both counted from 1. */
function position(module: Module, span: Span): string {
  const starts = lineStarts.get(module) ?? [0, ...[...module.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  lineStarts.set(module, starts);
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= span.start) low = middle;
    else high = middle - 1;
  }
  return `${low + 1}:${span.start - (starts[low] ?? 0) + 1}`;
}

function dumpStep(step: Step, names: Names): string {
  switch (step.kind) {
    case "assign":
      return `${step.declares ? "let " : ""}${dumpPlace(step.to, names)} = ${dumpValue(step.value, names)}`;
    case "update": {
      const value = step.value === undefined ? "" : ` ${dumpOperand(step.value, names)}`;
      return `${names[step.result]} = update ${dumpPlace(step.place, names)} ${step.operator}${value}`;
    }
    case "delete":
      return `delete ${dumpPlace(step.place, names)}`;
    case "discard":
      return `${step.onPurpose ? "void" : "discard"} ${dumpOperand(step.operand, names)}`;
    case "dispose":
      return `${step.async ? "await " : ""}dispose ${names[step.local]}`;
    case "end-scope":
      return `end-scope ${step.locals.map((local) => names[local]).join(", ")}`;
    default:
      return never(step);
  }
}

function dumpValue(value: Value, names: Names): string {
  const list = (operands: readonly Operand[]): string =>
    operands.map((operand) => dumpOperand(operand, names)).join(", ");
  switch (value.kind) {
    case "use":
      return dumpOperand(value.operand, names);
    case "array":
      return `[${dumpArguments(value.elements, names)}]`;
    case "object": {
      const fields = value.fields.map((field) => {
        const operand = dumpOperand(field.value, names);
        if (field.spread) return `...${operand}`;
        return field.shorthand ? operand : `${field.name ?? "[?]"}: ${operand}`;
      });
      return `{${fields.join(", ")}}`;
    }
    case "compute":
      return `compute ${value.operator}(${list(value.operands)})`;
    case "opaque":
      return `opaque(${list(value.operands)})`;
    case "call":
      return dumpCall(value, names);
    case "await":
      return `await ${dumpOperand(value.operand, names)}`;
    case "yield": {
      const operand = value.operand === undefined ? "" : ` ${dumpOperand(value.operand, names)}`;
      return `yield${value.delegate ? "*" : ""}${operand}`;
    }
    case "element":
      return `${value.async ? "await " : ""}${value.rest ? "rest" : "element"} of ${dumpOperand(value.of, names)}`;
    case "caught":
      return "caught";
    default:
      return never(value);
  }
}

function dumpCall(call: Call, names: Names): string {
  const form = call.form === "call" ? "call" : call.form;
  const symbol = call.symbol === undefined ? "" : ` <${dumpSymbol(call.symbol)}>`;
  const type = call.type === undefined ? "" : `: ${dumpType(call.type)}`;
  return `${form} ${dumpOperand(call.callee, names)}(${dumpArguments(call.args, names)})${symbol}${type}`;
}

function dumpArguments(args: readonly Argument[], names: Names): string {
  return args.map(({ value, spread }) => `${spread ? "..." : ""}${dumpOperand(value, names)}`).join(", ");
}

function dumpOperand(operand: Operand, names: Names): string {
  switch (operand.kind) {
    case "place":
      return dumpPlace(operand.place, names);
    case "constant":
      return typeof operand.value === "bigint" ? `${operand.value}n` : (JSON.stringify(operand.value) ?? "undefined");
    case "function":
      return `fn#${operand.body}`;
    case "item": {
      const origin = operand.local === undefined ? "global" : "import";
      return `${origin} ${operand.name}`;
    }
    default:
      return never(operand);
  }
}

function dumpPlace(place: Place, names: Names): string {
  const path = place.path.map((step) => (step.kind === "field" ? `.${step.name}` : `[${step.constant ?? "*"}]`));
  return `${names[place.base as LocalId]}${path.join("")}`;
}

function dumpSymbol(symbol: SymbolKey): string {
  return symbol.package === undefined ? symbol.name : `${symbol.package}/${symbol.name}`;
}

function dumpType(type: TypeKey): string {
  switch (type.kind) {
    case "named":
      return type.args.length === 0 ? type.symbol.name : `${type.symbol.name}<${type.args.map(dumpType).join(", ")}>`;
    case "array":
      return `${dumpType(type.element)}[]`;
    case "tuple":
      return `[${type.elements.map(dumpType).join(", ")}]`;
    case "union":
      return type.members.map(dumpType).join(" | ");
    case "function":
      return `() => ${type.returns === undefined ? "unknown" : dumpType(type.returns)}`;
    case "primitive":
      return type.name;
    case "object":
    case "unknown":
      return type.kind;
    default:
      return never(type);
  }
}

function dumpTest(test: Test, names: Names): string {
  if (test.kind === "other") return "";
  return ` [${test.negated ? "not " : ""}${test.kind} ${dumpPlace(test.place, names)}]`;
}

function dumpEnd(end: Terminator, names: Names): string {
  switch (end.kind) {
    case "goto":
      return `goto b${end.target}`;
    case "branch":
      return `branch ${dumpOperand(end.condition, names)}${dumpTest(end.test, names)} -> b${end.then} else b${end.else}`;
    case "return":
      return `return${end.operand === undefined ? "" : ` ${dumpOperand(end.operand, names)}`}${end.implicit ? " (end)" : ""}`;
    case "throw":
      return `throw ${dumpOperand(end.operand, names)}`;
    case "rethrow":
    case "unreachable":
      return end.kind;
    default:
      return never(end);
  }
}

function never(value: never): string {
  return String(value);
}
