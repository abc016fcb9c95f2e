/**
 * Random programs that end and say what they do: each `log(n)` writes a number and returns it. `o` is an object, `n` is
 * undefined, `k`, `x` and `y` are numbers, `open(n)` makes something to dispose of, `fail(n)` throws.
 */
import fc from "fast-check";

interface Context {
  readonly loop: boolean;
  readonly breakable: boolean;
  readonly labels: readonly string[];
  readonly inFunction: boolean;
  /** Jumps and returns out of a `finally` are legal and rare; what they cancel is not modelled by the interpreter. */
  readonly inFinally: boolean;
}

const top: Context = { loop: false, breakable: false, labels: [], inFunction: false, inFinally: false };

export const programs: fc.Arbitrary<string> = fc
  .nat({ max: 2 })
  .chain((depth) => statements(top, depth + 1))
  .map(numbered);

/** Gives every `log()`, `fail()` and `open()` a number of its own. */
function numbered(text: string): string {
  let count = 0;
  return text.replace(/#/g, () => `${++count}`);
}

function statements(context: Context, depth: number): fc.Arbitrary<string> {
  return fc.array(statement(context, depth), { minLength: 1, maxLength: 3 }).map((list) => list.join("\n"));
}

function block(context: Context, depth: number): fc.Arbitrary<string> {
  return statements(context, depth).map((text) => `{\n${text}\n}`);
}

function statement(context: Context, depth: number): fc.Arbitrary<string> {
  const simple = [
    expression(1).map((value) => `${guarded(value)};`),
    fc.tuple(fc.constantFrom("x", "y", "o.p", "o.q"), expression(1)).map(([target, value]) => `${target} = ${value};`),
    expression(1).map((value) => `fail(#, ${value});`),
    ...jumps(context),
  ];
  if (depth === 0) return fc.oneof(...simple);
  const inner = block(context, depth - 1);
  const condition = expression(2);
  const inLoop = block({ ...context, loop: true, breakable: true }, depth - 1);
  return fc.oneof(
    ...simple,
    fc.tuple(condition, inner, inner).map(([test, a, b]) => `if (${test}) ${a} else ${b}`),
    fc.tuple(condition, inner).map(([test, a]) => `if (!(${test})) ${a}`),
    inner.map((body) => `{ let x = log(#); let y = x; ${body} }`),
    inLoop.map((body) => `for (let i = 0; i < 2; i++) ${body}`),
    inLoop.map((body) => `for (let x of [log(#), log(#)]) ${body}`),
    inLoop.map((body) =>
      `{ let left = 2; while (left-- > 0 || gone()) ${body} }`.replace("left-- > 0 || gone()", "0 < (left += -1)"),
    ),
    inLoop.map((body) => `{ let left = 2; do ${body} while (0 < (left += -1)); }`),
    labelled(context, depth),
    switched(context, depth),
    tried(context, depth),
    block({ ...top, inFunction: true }, depth - 1).map((body) => `log((() => ${body})());`),
    block({ ...top, inFunction: true }, depth - 1)
      .map((body) => `log(f(#)); function f(x = log(#), ...y) ${body}`)
      .map((text) => `{ ${text} }`),
    inner.map((body) => `{ using r = open(#), s = open(#); ${body} }`),
    fc
      .tuple(inner, expression(1))
      .map(([body, value]) => `{ let { p: v, z: w = ${value}, ...rest } = o; log(rest.q); log(v + w); ${body} }`),
    fc
      .tuple(inner, expression(1))
      .map(([body, value]) => `{ let [v, ...[w = ${value}]] = [log(#)]; log(v); log(w); ${body} }`),
    expression(1).map((value) => `({ p: x, z: y = ${value} } = o); [x, y] = [y, x];`),
  );
}

/** Keeps an expression statement from starting with a brace. */
function guarded(value: string): string {
  return `(${value})`;
}

function jumps(context: Context): readonly fc.Arbitrary<string>[] {
  if (context.inFinally) return [];
  return [
    fc.constant("throw log(#);"),
    ...(context.breakable ? [fc.constant("break;")] : []),
    ...(context.loop ? [fc.constant("continue;")] : []),
    ...context.labels.map((label) => fc.constant(`break ${label};`)),
    ...(context.inFunction ? [expression(1).map((value) => `return ${value};`)] : []),
  ];
}

function labelled(context: Context, depth: number): fc.Arbitrary<string> {
  const label = `l${depth}`;
  return block({ ...context, labels: [...context.labels, label] }, depth - 1).map((body) => `${label}: ${body}`);
}

function switched(context: Context, depth: number): fc.Arbitrary<string> {
  const clause = statements({ ...context, breakable: true }, depth - 1);
  return fc.tuple(expression(1), clause, clause, clause, fc.nat({ max: 3 })).map(([subject, a, b, c, place]) => {
    const clauses = [`case log(#) - log(#): { ${a} }`, `case x: { ${b} }`, `case 1: { ${c} }`];
    clauses.splice(place, 0, "default: log(#);");
    return `switch (${subject}) { ${clauses.join("\n")} }`;
  });
}

function tried(context: Context, depth: number): fc.Arbitrary<string> {
  const body = block(context, depth - 1);
  const last = block(
    { ...context, inFinally: true, loop: false, breakable: false, labels: [], inFunction: false },
    depth - 1,
  );
  return fc.oneof(
    fc.tuple(body, body).map(([a, b]) => `try ${a} catch (e) { log(e); ${b.slice(1)}`),
    fc.tuple(body, last).map(([a, b]) => `try ${a} finally ${b}`),
    fc.tuple(body, body, last).map(([a, b, c]) => `try ${a} catch (e) { log(e); ${b.slice(1)} finally ${c}`),
  );
}

function expression(depth: number): fc.Arbitrary<string> {
  const simple = fc.constantFrom(
    "log(#)",
    "log(#)",
    "x",
    "y",
    "k",
    "n",
    "0",
    "o.p",
    "o?.q",
    "n?.p.q(log(#))",
    "undefined",
  );
  if (depth === 0) return simple;
  const inner = expression(depth - 1);
  return fc.oneof(
    simple,
    fc.tuple(inner, fc.constantFrom("&&", "||", "+", "-", "<", "==="), inner).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(inner, inner).map(([a, b]) => `(${a} ?? ${b})`),
    fc.tuple(inner, inner, inner).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(inner, inner).map(([a, b]) => `(${a}, ${b})`),
    inner.map((a) => `!${a}`),
    fc
      .tuple(inner, fc.constantFrom("==", "===", "!=="))
      .map(([a, op]) => `(${a} ${op} ${op === "==" ? "null" : "undefined"})`),
    inner.map((a) => `typeof ${a}`),
    fc
      .tuple(fc.constantFrom("x", "y", "o.p"), fc.constantFrom("=", "+=", "||=", "&&=", "??="), inner)
      .map(([t, op, a]) => `(${t} ${op} ${a})`),
    inner.map((a) => `(() => ${a})()`),
    inner.map((a) => `((v, { z: w = ${a} } = o) => v + w)(log(#))`),
    inner.map((a) => `[...[${a}], log(#)][0]`),
    inner.map((a) => `({ x, z: ${a}, ...o }).z`),
    inner.map((a) => `o.m(${a})`),
    inner.map((a) => `n?.m(${a})`),
  );
}
