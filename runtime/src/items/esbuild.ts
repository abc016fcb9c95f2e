import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { liftItems, mayHaveItems } from "./lift.js";
import { withMap } from "./sourceMap.js";

/** What the plugin uses of esbuild's interface for plugins. Source: https://esbuild.github.io/plugins/ */
export interface EsbuildPlugin {
  readonly name: string;
  readonly setup: (build: EsbuildBuild) => void;
}

/** A build that plugins can take part in. */
export interface EsbuildBuild {
  readonly initialOptions: {
    readonly tsconfig?: string | undefined;
    readonly jsx?: "transform" | "preserve" | "automatic" | undefined;
    readonly jsxImportSource?: string | undefined;
  };
  readonly esbuild: {
    readonly build: (options: {
      entryPoints: string[];
      bundle: false;
      write: false;
      sourcemap: "inline";
      logLevel: "silent";
      target: "esnext";
      tsconfig?: string;
      jsx?: "transform" | "automatic";
      jsxImportSource?: string;
    }) => Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>;
  };
  readonly onLoad: (
    options: { filter: RegExp },
    load: (file: { readonly path: string }) => Promise<{ contents: string; loader: "js" } | undefined>,
  ) => void;
}

/**
 * Static items in bundles of esbuild: closures that are spawned may use the imports, functions, classes and constants of
 * their file. Imports become `import(…)`, so the bundle needs `format: "esm"` and `splitting: true`.
 *
 * @example
 * import type { BuildOptions } from "esbuild";
 * import { staticItems } from "fearless-threads/esbuild";
 *
 * const build: BuildOptions = { bundle: true, format: "esm", splitting: true, outdir: "dist", plugins: [staticItems()] };
 * console.log(build.plugins?.length); // 1
 */
export function staticItems(): EsbuildPlugin {
  return {
    name: "fearless-threads",
    setup: ({ onLoad, esbuild, initialOptions }) => {
      onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (!mayHaveItems(text, path)) return undefined;
        const code = /^\.[cm]?js$/.test(extname(path)) ? text : await toJavaScript(path);
        const found = code === undefined ? undefined : liftItems(code, path);
        return found === undefined ? undefined : { contents: withMap(found), loader: "js" };
      });

      /** By the settings of the project, but for the target: the build itself compiles down. */
      async function toJavaScript(path: string): Promise<string | undefined> {
        const { tsconfig, jsx, jsxImportSource } = initialOptions;
        try {
          const { outputFiles } = await esbuild.build({
            entryPoints: [path],
            bundle: false,
            write: false,
            sourcemap: "inline",
            logLevel: "silent",
            target: "esnext",
            ...(tsconfig === undefined ? {} : { tsconfig }),
            ...(jsx === undefined || jsx === "preserve" ? {} : { jsx }),
            ...(jsxImportSource === undefined ? {} : { jsxImportSource }),
          });
          return outputFiles[0]?.text;
        } catch {
          return undefined; // The build itself says what is wrong with the file.
        }
      }
    },
  };
}
