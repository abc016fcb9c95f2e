/** Where things stand in the text, to the character: fixes cut and insert there. */
import assert from "node:assert/strict";
import type { Span } from "../../../server/src/analysis/diagnostic.js";
import type { Body, Call, Module, Step } from "../../../server/src/analysis/mir/mir.js";
import { lowered } from "./parse.js";

const cut = (module: Module, span: Span | undefined): string | undefined =>
  span === undefined ? undefined : module.text.slice(span.start, span.end);

function steps(module: Module): readonly Step[] {
  return module.bodies.flatMap((body) => body.blocks.flatMap((block) => block.steps));
}

function callIn(module: Module): Call {
  const found = steps(module).flatMap((step) =>
    step.kind === "assign" && step.value.kind === "call" ? [step.value] : [],
  );
  const first = found[0];
  assert.ok(first, "no call");
  return first;
}

async function spansOfCall(text: string): Promise<readonly (string | undefined)[]> {
  const module = await lowered("a.ts", text);
  const { spans } = callIn(module);
  return [spans.whole, spans.callee, spans.name, spans.args].map((span) => cut(module, span));
}

async function functionIn(text: string): Promise<{ readonly module: Module; readonly body: Body }> {
  const module = await lowered("a.ts", text);
  const body = module.bodies[1];
  assert.ok(body, "no function");
  return { module, body };
}

async function spansOfFunction(text: string): Promise<readonly unknown[]> {
  const { module, body } = await functionIn(text);
  const { params, parenthesized, body: inside, expressionBody } = body.spans;
  return [cut(module, params), parenthesized, cut(module, inside), expressionBody];
}

describe("mir: spans", () => {
  it("of a call: the whole, the callee, the name, the inside of the parentheses", async () => {
    assert.deepEqual(await spansOfCall("/* c */ a . b ( x, /* d */ y ) ;"), [
      "a . b ( x, /* d */ y )",
      "a . b",
      "b",
      " x, /* d */ y ",
    ]);
    assert.deepEqual(await spansOfCall("f<T>()"), ["f<T>()", "f", "f", ""]);
    assert.deepEqual(await spansOfCall("new C"), ["new C", "C", "C", undefined]);
    assert.deepEqual(await spansOfCall("new n.C<T>(1,)"), ["new n.C<T>(1,)", "n.C", "C", "1,"]);
    assert.deepEqual(await spansOfCall("a?.b?.(1)"), ["a?.b?.(1)", "a?.b", "b", "1"]);
    assert.deepEqual(await spansOfCall(`tag\`a\${x}\``), [`tag\`a\${x}\``, "tag", "tag", undefined]);
    assert.deepEqual(await spansOfCall("f(a, b"), ["f(a, b", "f", "f", "a, b"]);
  });

  it("of a parameter list: the inside of the parentheses, or the bare parameter", async () => {
    assert.deepEqual(await spansOfFunction("f(x => x)"), ["x", false, "x", true]);
    assert.deepEqual(await spansOfFunction("f(async x => x)"), ["x", false, "x", true]);
    assert.deepEqual(await spansOfFunction("f((x) => x)"), ["x", true, "x", true]);
    assert.deepEqual(await spansOfFunction("f(<T,>( x: T , ) => x)"), [" x: T , ", true, "x", true]);
    assert.deepEqual(await spansOfFunction("f(() => ({ a: 1 }))"), ["", true, "({ a: 1 })", true]);
    assert.deepEqual(await spansOfFunction("f(( ) => { g() })"), [" ", true, " g() ", false]);
    assert.deepEqual(await spansOfFunction("function f(a, { b }) { }"), ["a, { b }", true, " ", false]);
    assert.deepEqual(await spansOfFunction("o = { m(a) { return a } }"), ["a", true, " return a ", false]);
  });

  it("of each parameter, its decorations included", async () => {
    const { module, body } = await functionIn("function f(a, b = 1, ...c: T[]) {}");
    assert.deepEqual(
      body.params.map((param) => [cut(module, param.span), param.optional, param.rest]),
      [
        ["a", false, false],
        ["b = 1", true, false],
        ["...c: T[]", false, true],
      ],
    );
  });

  it("of a declaration: the name, the whole statement, the initialiser", async () => {
    const text = "// before\nexport const a = f(1), { b } = g; // after\n";
    const module = await lowered("a.ts", text);
    const [a, b] = [module.locals[0], module.locals[1]];
    const statement = "export const a = f(1), { b } = g;";
    assert.deepEqual(
      [a?.span, a?.statement, a?.initializer].map((span) => cut(module, span)),
      ["a", statement, "f(1)"],
    );
    assert.deepEqual(
      [b?.span, b?.statement, b?.initializer].map((span) => cut(module, span)),
      ["b", statement, "g"],
    );
  });

  it("of a step's statement: the innermost one around it", async () => {
    const module = await lowered("a.ts", "if (a()) { b(); } else c(() => d());");
    const found = steps(module).flatMap((step) =>
      step.kind === "assign" && step.value.kind === "call"
        ? [[cut(module, step.value.spans.callee), cut(module, step.statement)]]
        : [],
    );
    assert.deepEqual(found, [
      ["a", "if (a()) { b(); } else c(() => d());"],
      ["b", "b();"],
      ["c", "c(() => d());"],
      ["d", "d()"],
    ]);
  });

  it("of a scope: the inside of its braces", async () => {
    const module = await lowered("a.ts", "function f() { a(); { let b; } for (const x of y) { let z; } }");
    const inside = module.scopes.map((scope) => [scope.kind, cut(module, scope.span)]);
    assert.deepEqual(inside.slice(1), [
      ["function", " a(); { let b; } for (const x of y) { let z; } "],
      ["block", " let b; "],
      ["loop", "for (const x of y) { let z; }"],
      ["block", " let z; "],
    ]);
  });

  it("of a loop: the whole statement and the inside of its body", async () => {
    const module = await lowered("a.ts", "for (;;) { a(); }\nwhile (b) c();");
    const loops = module.bodies[0]?.blocks.flatMap(({ loop }) => (loop === undefined ? [] : [loop])) ?? [];
    const found = loops.map((loop) => [cut(module, loop.span), cut(module, loop.body)]);
    assert.deepEqual(found, [
      ["for (;;) { a(); }", " a(); "],
      ["while (b) c();", "c();"],
    ]);
  });

  it("of an import, and where a name joins it", async () => {
    const text = `#!/usr/bin/env node\n"use strict";\nimport a, { b as c, type D } from "m"; // why\nimport * as n from "n";\n\nf();\n`;
    const module = await lowered("a.ts", text);
    const [m, n] = module.imports;
    assert.equal(cut(module, m?.span), `import a, { b as c, type D } from "m";`);
    assert.equal(text.slice(0, m?.namedEnd).endsWith("type D"), true);
    assert.deepEqual(
      m?.names.map(({ imported, local }) => [imported, module.locals[local]?.name]),
      [
        ["default", "a"],
        ["b", "c"],
        ["D", "D"],
      ],
    );
    assert.equal(n?.namedEnd, undefined);
    assert.equal(text.slice(module.importOffset), "\nf();\n");
  });

  it("of the place for a first import: behind the shebang and the directives", async () => {
    const texts = ["f();", "#!/x\nf();", `"use strict";\nf();`, `#!/x\n"use strict"; // c\n\nf();`, ""];
    const places = await Promise.all(texts.map(async (text) => text.slice((await lowered("a.ts", text)).importOffset)));
    assert.deepEqual(places, ["f();", "f();", "f();", "\nf();", ""]);
  });

  it("of the uses of a capture, shorthand ones marked", async () => {
    const { module, body } = await functionIn(`const v = 1; const f = () => { v; ({ v }); g\`\${v}\`; };`);
    const uses = body.captures[0]?.uses.map((use) => [
      use.span.start,
      cut(module, use.span),
      use.access,
      use.shorthand,
    ]);
    assert.deepEqual(uses, [
      [31, "v", "read", false],
      [37, "v", "read", true],
      [47, "v", "read", false],
    ]);
  });
});
