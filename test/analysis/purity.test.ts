import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folders of the analysis that may know TypeScript's syntax trees, and how. */
const mayKnowSyntax: Readonly<Record<string, "values" | "types">> = { mir: "values", program: "types" };

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(text: string): readonly Import[] {
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:(?:[\w*]|\{[^}]*\})[^;"'{}]*(?:\{[^}]*\}\s*)?from\s+)?["']([^"']+)["']/gm,
  );
  const dynamic = text.matchAll(/\bimport\(\s*["']([^"']+)["']/g);
  return [
    ...[...found].map((match) => ({ specifier: match[2] ?? "", typeOnly: match[1] !== undefined })),
    ...[...dynamic].map((match) => ({ specifier: match[1] ?? "", typeOnly: false })),
  ];
}

describe("the analysis is pure", () => {
  const root = fileURLToPath(new URL("../../server/src/analysis/", import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"));

  it("has files to look at", () => {
    assert.ok(files.length > 30, String(files.length));
    assert.ok(files.includes("analyse.ts"));
  });

  for (const file of files) {
    it(`${file} imports only the analysis itself`, () => {
      const folder = file.split("/")[0] ?? "";
      const depth = file.split("/").length - 1;
      for (const { specifier, typeOnly } of importsOf(readFileSync(`${root}${file}`, "utf8"))) {
        if (specifier === "typescript/ast") {
          const allowed = mayKnowSyntax[folder];
          assert.ok(allowed === "values" || (allowed === "types" && typeOnly), `${file} imports ${specifier}`);
          continue;
        }
        assert.match(specifier, /^\.\.?\//, `${file} imports ${specifier}`);
        assert.match(specifier, /\.js$/, `${file} imports ${specifier}`);
        const up = specifier.split("/").filter((part) => part === "..").length;
        assert.ok(up <= depth, `${file} imports ${specifier}, which lies outside of the analysis`);
      }
    });
  }

  it("uses no globals of a host: no process, no timers, no clock", () => {
    for (const file of files) {
      const code = readFileSync(`${root}${file}`, "utf8").replace(
        /\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"|'[^'\n]*'|`[^`]*`/g,
        "",
      );
      assert.doesNotMatch(
        code,
        /\b(?:process\.(?:env|cwd|exit|on)|setTimeout|setInterval|Date\.now|performance\.now)\b/,
        file,
      );
    }
  });
});
