// Each way in which people's compilers are set up: what comes out for one TypeScript file, a source map in it.
import { createRequire } from "node:module";
import * as swc from "@swc/core";
import * as esbuild from "esbuild";
import type { CompilerOptions } from "typescript-5.9";

/** What a compiler made of a file. */
export interface Compiled {
  /** Says which compiler it was, and how it was set up. */
  readonly name: string;
  readonly code: string;
  readonly format: "esm" | "cjs";
}

/** Compilers leave `using` alone for esnext, which only runs where Node knows it. */
const newest = nodeHasUsing() ? ["esnext"] : [];

function nodeHasUsing(): boolean {
  try {
    new Function("{ using x = null; }");
    return true;
  } catch {
    return false;
  }
}

async function fromEsbuild(file: string): Promise<Compiled[]> {
  const setups: readonly { readonly name: string; readonly options: esbuild.BuildOptions }[] = [
    ...["es2017", "es2018", "es2020", "es2021", "es2022", "es2024", "node20", ...newest].map((target) => ({
      name: target,
      options: { target },
    })),
    ...["es2017", "es2022"].flatMap((target) => [
      { name: `${target}, bundled`, options: { target, bundle: true } },
      { name: `${target}, bundled, names kept`, options: { target, bundle: true, keepNames: true } },
      { name: `${target}, minified`, options: { target, minify: true } },
      { name: `${target}, bundled, minified`, options: { target, bundle: true, minify: true } },
      {
        name: `${target}, bundled, minified, names kept`,
        options: { target, bundle: true, minify: true, keepNames: true },
      },
      { name: `${target}, bundled for CommonJS`, options: { target, bundle: true, format: "cjs" as const } },
    ]),
  ];
  return await Promise.all(
    setups.map(async ({ name, options }) => {
      const result = await esbuild.build({
        entryPoints: [file],
        write: false,
        format: "esm",
        platform: "node",
        sourcemap: "inline",
        logLevel: "silent",
        ...(options.bundle === true ? { external: ["fearless-threads"] } : {}),
        ...options,
      });
      const code = result.outputFiles?.[0]?.text ?? "";
      return { name: `esbuild, ${name}`, code, format: options.format === "cjs" ? "cjs" : "esm" };
    }),
  );
}

type Transpiler = typeof import("typescript-5.9");

/** TypeScript up to 6 compiles a file at a time in this process. */
function fromTypeScript(packageName: "typescript-5.9" | "typescript-6.0", file: string, text: string): Compiled[] {
  const ts: Transpiler = createRequire(import.meta.url)(packageName);
  const setups: readonly { readonly name: string; readonly options: CompilerOptions }[] = [
    ...["ES2017", "ES2018", "ES2020", "ES2022", "ES2024", ...newest.map((target) => target.toUpperCase())].map(
      (target) => ({ name: target, options: { target: targetOf(ts, target) } }),
    ),
    { name: "ES2017, importHelpers", options: { target: ts.ScriptTarget.ES2017, importHelpers: true } },
    { name: "ES2017, CommonJS", options: { target: ts.ScriptTarget.ES2017, module: ts.ModuleKind.CommonJS } },
    {
      name: "ES2017, CommonJS, importHelpers",
      options: { target: ts.ScriptTarget.ES2017, module: ts.ModuleKind.CommonJS, importHelpers: true },
    },
  ];
  return setups.map(({ name, options }) => {
    const compilerOptions = { module: ts.ModuleKind.ESNext, inlineSourceMap: true, esModuleInterop: true, ...options };
    const code = ts.transpileModule(text, { fileName: file, compilerOptions }).outputText;
    const format = compilerOptions.module === ts.ModuleKind.CommonJS ? "cjs" : "esm";
    return { name: `${packageName}, ${name}`, code, format };
  });
}

function targetOf(ts: Transpiler, name: string): number {
  const target: unknown = Reflect.get(ts.ScriptTarget, name === "ESNEXT" ? "ESNext" : name);
  if (typeof target !== "number") throw new Error(`no target ${name}`);
  return target;
}

function fromSwc(file: string, text: string): Compiled[] {
  const targets = ["es2017", "es2018", "es2020", "es2022", "es2024"] as const;
  const setups: readonly { readonly name: string; readonly config: swc.Options }[] = [
    ...targets.map((target) => ({ name: target, config: { jsc: { target } } })),
    { name: "es2017, external helpers", config: { jsc: { target: "es2017", externalHelpers: true } } },
    { name: "es2017, CommonJS", config: { jsc: { target: "es2017" }, module: { type: "commonjs" } } },
    {
      name: "es2017, CommonJS, external helpers",
      config: { jsc: { target: "es2017", externalHelpers: true }, module: { type: "commonjs" } },
    },
    { name: "es2022, names kept", config: { jsc: { target: "es2022", keepClassNames: true } } },
  ];
  return setups.map(({ name, config }) => {
    const { code } = swc.transformSync(text, {
      filename: file,
      swcrc: false,
      sourceMaps: "inline",
      ...config,
      jsc: { ...config.jsc, parser: { syntax: "typescript" } },
    });
    return { name: `swc, ${name}`, code, format: config.module?.type === "commonjs" ? "cjs" : "esm" };
  });
}

/** A file as every compiler makes it. */
export async function compileAll(file: string, text: string): Promise<Compiled[]> {
  return [
    ...(await fromEsbuild(file)),
    ...fromTypeScript("typescript-5.9", file, text),
    ...fromTypeScript("typescript-6.0", file, text),
    ...fromSwc(file, text),
  ];
}
