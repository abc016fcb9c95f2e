import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** How a program ended and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The TypeScripts that are installed, by the name of their package. */
export type Compiler = "typescript" | "typescript-6.0" | "typescript-5.9";

/** A folder of its own for a program's files, inside the repository so that it finds the packages. */
export class Workspace {
  readonly folder: string;

  /** @param parent where the folder is made; outside of the repository there are no packages. */
  constructor(parent: string = join(root, "node_modules/.cache/fearless-threads-tests")) {
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(join(parent, "run-"));
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ type: "module" }));
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a JavaScript file with Node as it is. */
  node(file: string, flags: readonly string[] = [], parameters: readonly string[] = []): Promise<Ended> {
    return run(process.execPath, [...flags, file, ...parameters], this.folder);
  }

  /** Runs a TypeScript file under tsx. */
  tsx(file: string): Promise<Ended> {
    return run(process.execPath, ["--import", "tsx", file], this.folder);
  }

  /** Compiles with esbuild, a source map beside the output. */
  async esbuild(file: string, options: esbuild.BuildOptions): Promise<void> {
    await esbuild.build({
      absWorkingDir: this.folder,
      entryPoints: [file],
      outdir: join(this.folder, "out"),
      platform: "node",
      format: "esm",
      sourcemap: true,
      logLevel: "silent",
      ...options,
    });
  }

  /** Compiles with TypeScript, a source map beside the output. */
  tsc(
    files: string | readonly string[],
    options: Readonly<Record<string, unknown>>,
    compiler: Compiler = "typescript",
  ): Promise<Ended> {
    const compilerOptions = {
      outDir: "out",
      sourceMap: true,
      module: "nodenext",
      skipLibCheck: true,
      strict: true,
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      ...options,
    };
    this.write("tsconfig.json", JSON.stringify({ compilerOptions, files: [files].flat() }));
    const tsc = join(root, "node_modules", compiler, "bin/tsc");
    return run(process.execPath, [tsc, "-p", "tsconfig.json", "--pretty", "false"], this.folder);
  }
}

function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = { ...process.env };
  delete env.NODE_OPTIONS;
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}
