/** Real folders on disk in which `fearless-threads` is installed. */
import { symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Folder, makeFolder } from "../support/folder.js";

const installed = fileURLToPath(new URL("../../node_modules", import.meta.url));

export const tsconfig = JSON.stringify({
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    allowJs: true,
    types: ["node"],
  },
  include: ["**/*"],
});

/** A project of its own, removed by whoever made it. */
export function makeProject(files: Readonly<Record<string, string | Uint8Array>> = {}): Folder {
  const folder = makeFolder({ "tsconfig.json": tsconfig, "package.json": '{ "type": "module" }', ...files });
  symlinkSync(installed, folder.path("node_modules"));
  return folder;
}

/** Exactly one finding, of `capture-without-move`, at the last `v`; its preferred fix gives {@link moved}. */
export const captured = `import { move, thread } from "fearless-threads";

export async function main(): Promise<number> {
  const v = [1, 2, 3];
  const handle = thread.spawn(() => v.length);
  return (await handle.join()).unwrap();
}
`;

export const moved = captured.replace("spawn(() => v", "spawn(move(v), (v) => v");

/** Exactly one finding, of `unjoined-handle`. */
export const forgotten = `import { thread } from "fearless-threads";

export async function main(): Promise<void> {
  const handle = thread.spawn(() => 1);
}
`;

/** Has nothing to do with threads. */
export const unrelated = `export const add = (a: number, b: number): number => a + b;
`;
