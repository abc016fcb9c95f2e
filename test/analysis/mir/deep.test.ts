/** Input that nests or repeats without end: lowering answers, in time that grows with the text. */
import assert from "node:assert/strict";
import { checkModule } from "./invariants.js";
import { lowered } from "./parse.js";

const repeat = (text: string, times: number): string => text.repeat(times);
const nested = (open: string, close: string, times = 8000): string => `${repeat(open, times)}x${repeat(close, times)}`;

const inputs: Readonly<Record<string, string>> = {
  "nested brackets": nested("[", "]"),
  "open brackets": repeat("[", 8000),
  "nested parentheses": nested("(", ")"),
  "nested braces": nested("{", "}"),
  "nested objects": `x = ${nested("{ a: ", "}")}`,
  "nested calls": nested("f(", ")"),
  "a chain of calls": `x${repeat(".f().g", 5000)}`,
  "an optional chain": `x${repeat("?.f()?.[0]", 3000)}`,
  "a chain of additions": `x${repeat(" + x", 5000)}`,
  "a chain of `&&`": `if (x${repeat(" && x", 5000)}) y`,
  "a chain of `||`": `y = x${repeat(" || x", 5000)}`,
  "a chain of `??`": `y = x${repeat(" ?? x", 5000)}`,
  "a chain of commas": `x${repeat(", x", 5000)}`,
  "a chain of `**`": `y = x${repeat(" ** x", 5000)}`,
  "a chain of assignments": `${repeat("x = ", 5000)}y`,
  "a chain of `else if`": `if (x) y${repeat(" else if (x) y", 5000)}`,
  "nested `if`": `${repeat("if (x) ", 5000)}y`,
  "a chain of conditionals": `y = ${repeat("x ? y : ", 5000)}z`,
  "nested conditionals": `y = ${repeat("x ? ", 3000)}z${repeat(" : y", 3000)}`,
  "nested conditions": `y = ${repeat("(", 3000)}x${repeat(" ? y : z)", 3000)}`,
  "a chain of `!`": `y = ${repeat("!", 5000)}x`,
  "a chain of `await`": `${repeat("await ", 5000)}x`,
  "a chain of casts": `y = x${repeat(" as any", 5000)}`,
  "nested functions": `${repeat("function f() { ", 3000)}x${repeat("}", 3000)}`,
  "a chain of arrows": `y = ${repeat("x => ", 3000)}x`,
  "nested classes": nested("class A { m() { ", "}}", 1500),
  "nested loops": `${repeat("for (const x of x) ", 3000)}y`,
  "nested labels": `${repeat("a: ", 3000)}x`,
  "nested blocks with `using`": `${repeat("{ using a = x; ", 2000)}${repeat("}", 2000)}`,
  "nested `try`": nested("try { ", "} finally { y }", 1500),
  "nested `finally`": nested("try { y } finally { ", "}", 1500),
  "returns through nested `finally`": `function f() { ${nested("try { if (y) return; ", "} finally { z(() => y) }", 300)} }`,
  "nested `switch`": nested("switch (x) { case x: ", "}", 2000),
  "nested patterns": `const ${nested("[", "]", 4000)} = y`,
  "nested assignment patterns": `${nested("[", "]", 4000)} = y`,
  "nested defaults": `const { a = ${repeat("({ a = 1 } = ", 500)}y${repeat(")", 500)} } = z`,
  "nested templates": `y = ${repeat("`${", 3000)}x${repeat("}`", 3000)}`,
  "nested namespaces": `namespace A${repeat(".A", 1500)} { export const x = 1 }`,
  "nested decorators": `${repeat("@f ", 3000)} class A {}`,
  "many statements": repeat("const x = f(x); ", 20_000),
  "many unreachable statements": `function f() { ${repeat("return x; ", 10_000)} }`,
};

describe("mir: deep and long input", () => {
  for (const [title, text] of Object.entries(inputs)) {
    it(title, async () => {
      const module = await lowered("deep.ts", text);
      checkModule(module);
      const steps = module.bodies.flatMap((body) => body.blocks.map((block) => block.steps.length + 1));
      const total = steps.reduce((sum, count) => sum + count, 0);
      assert.ok(total < text.length * 8 + 100, `${total} steps for ${text.length} characters`);
    });
  }

  it("nested JSX", async () => {
    checkModule(await lowered("deep.tsx", `y = ${repeat("<A>", 3000)}x${repeat("</A>", 3000)}`));
  });

  it("keeps the uses and the captures of what it gives up on", async () => {
    const text = `const v = 1; const w = () => ${repeat("[", 400)}v${repeat("]", 400)};`;
    const module = await lowered("deep.ts", text);
    const captured = module.bodies[1]?.captures.map(({ local }) => module.locals[local]?.name);
    assert.deepEqual(captured, ["v"]);
  });
});
