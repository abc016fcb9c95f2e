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

/** A thread that nobody joins: exactly one finding of `unjoined-handle`. */
export const forgotten = `import { thread } from "fearless-threads";

export function main(): void {
  const handle = thread.spawn(() => 1);
}
`;

/** The same, as it should be. */
export const joined = `import { thread } from "fearless-threads";

export async function main(): Promise<void> {
  const handle = thread.spawn(() => 1);
  (await handle.join()).unwrap();
}
`;
