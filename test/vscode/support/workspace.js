/** A folder to open: a small project of its own that has the library installed. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, root } from "../../../client/host/tools.js";

const tsconfig = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    jsx: "react-jsx",
    strict: true,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    types: ["node"],
  },
};

/**
 * @param {Record<string, string>} [files] by path in the folder
 * @returns {Promise<{ folder: string, remove: () => Promise<void> }>}
 */
export async function makeWorkspace(files = {}) {
  const parent = join(cacheFolder, "workspaces");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "project-"));
  const all = {
    "package.json": JSON.stringify({ name: "project", private: true, type: "module" }),
    "tsconfig.json": JSON.stringify(tsconfig, undefined, 2),
    ...files,
  };
  await mkdir(join(folder, "node_modules/@types"), { recursive: true });
  await symlink(join(root, "runtime"), join(folder, "node_modules/fearless-threads"), "junction");
  await symlink(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"), "junction");
  for (const [path, text] of Object.entries(all)) await writeFile(join(folder, path), text);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
