/** Makes a folder with the lessons and the library in it: a project that works at once and needs no network. */
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

const folderName = "fearless-threads-lessons";

/**
 * Puts the lessons into a new folder below `parent`; what is there already stays as it is.
 *
 * @param extension The folder that the extension is installed in.
 * @returns the new folder.
 * @throws where it cannot be written; nothing is left behind then.
 */
export async function makeLessonsFolder(extension: string, parent: string): Promise<string> {
  const folder = await newFolder(parent);
  try {
    await cp(join(extension, "client", "lessons"), folder, { recursive: true });
    for (const part of ["lessons", "pitfalls"]) {
      await cp(join(extension, "examples", part), join(folder, part), { recursive: true });
    }
    await addLibrary(join(extension, "runtime"), folder);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The first name that nothing has yet. */
async function newFolder(parent: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = join(parent, number === 1 ? folderName : `${folderName}-${number}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** In a folder of its own, so that `npm install` of anything else leaves it where it is. */
async function addLibrary(runtime: string, folder: string): Promise<void> {
  const library = join(folder, "fearless-threads");
  await mkdir(library);
  await cp(join(runtime, "dist"), join(library, "dist"), {
    recursive: true,
    filter: (source) => basename(source) !== ".tsbuildinfo",
  });
  await cp(join(runtime, "LICENSE"), join(library, "LICENSE"));
  const { devDependencies: _, ...manifest } = JSON.parse(await readFile(join(runtime, "package.json"), "utf8"));
  await writeFile(join(library, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);

  const installed = join(folder, "node_modules", "fearless-threads");
  await mkdir(join(folder, "node_modules"));
  try {
    // A junction needs no rights on Windows, but an absolute path.
    if (process.platform === "win32") await symlink(library, installed, "junction");
    else await symlink("../fearless-threads", installed);
  } catch {
    // A file system without links, such as that of a memory stick.
    await cp(library, installed, { recursive: true });
  }
}
