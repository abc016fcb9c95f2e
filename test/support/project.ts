/**
 * Projects for tests, without a disk: one compiler for the whole run, and the files laid over a folder of this
 * repository that does not exist, so that `fearless-threads` resolves as it does for a user.
 */
import { fileURLToPath } from "node:url";
import { createProgramHost, type ProgramHost } from "../../server/src/typescript/host.js";
import type { CheckedSnapshot } from "../../server/src/typescript/snapshot.js";

const root = fileURLToPath(new URL("../virtual", import.meta.url)).replaceAll("\\", "/");
let host: Promise<ProgramHost> | undefined;
/** The case folders, and the files of the last case in each. Used again, since the compiler remembers every path. */
const folders: { busy: boolean; files: readonly string[] }[] = [];

/** What holds for files without a `tsconfig.json` of their own. One project for all cases makes each cost a few ms. */
const tsconfig = JSON.stringify({
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    jsx: "preserve",
    strict: true,
    noUncheckedIndexedAccess: true,
    allowJs: true,
    types: ["node"],
  },
  include: ["**/*"],
});

/** The one compiler of this run. Closed by itself at the end. */
export function sharedHost(): Promise<ProgramHost> {
  host ??= openHost();
  return host;
}

async function openHost(): Promise<ProgramHost> {
  const opened = createProgramHost({ cwd: root.slice(0, root.lastIndexOf("/")) });
  // A file that stays open keeps the project alive between cases.
  const edited = new Map([
    [`${root}/tsconfig.json`, tsconfig],
    [`${root}/package.json`, '{ "type": "module" }'],
    [`${root}/keep.ts`, "export {};"],
  ]);
  await (await opened.update({ edited })).dispose();
  return opened;
}

// Registers with the root suite, since this module is loaded while no suite is being described.
after(async () => {
  await (await host)?.close();
  host = undefined;
});

/**
 * Runs `body` on a project of these files, and forgets it afterwards.
 *
 * @param files Texts by relative path. Without a `tsconfig.json` among them: strict, Node, ES modules, JavaScript too.
 * @param body Gets the snapshot, and the absolute path of a relative one.
 * @example
 * await withProject({ "src/a.ts": "export const a = 1;" }, async (snapshot, path) => {
 *   const tree = await snapshot.tree(path("src/a.ts"));
 * });
 */
export async function withProject<T>(
  files: Readonly<Record<string, string>>,
  body: (snapshot: CheckedSnapshot, path: (relative: string) => string) => Promise<T>,
): Promise<T> {
  const compiler = await sharedHost();
  let index = folders.findIndex((folder) => !folder.busy);
  if (index < 0) index = folders.push({ busy: false, files: [] }) - 1;
  const path = (relative: string) => `${root}/case-${index}/${relative}`;
  const edited = new Map(Object.entries(files).map(([relative, text]) => [path(relative), text]));
  // The last case's files go in the same step: a case with files of the same names costs hardly more than an edit.
  const closed = folders[index]?.files.filter((file) => !edited.has(file)) ?? [];
  folders[index] = { busy: true, files: [...edited.keys()] };
  try {
    const snapshot = await compiler.update({ edited, closed });
    try {
      return await body(snapshot, path);
    } finally {
      await snapshot.dispose();
    }
  } finally {
    folders[index] = { busy: false, files: [...edited.keys()] };
  }
}
