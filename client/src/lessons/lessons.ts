/** The lessons and pitfalls, and where the user has them. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";

export type LessonKind = "lesson" | "pitfall";

export interface Lesson {
  readonly kind: LessonKind;
  /** The name of its file without `.ts`: `01-spawn-and-join`. */
  readonly name: string;
  /** What its first line says: `Lesson 1: start a thread, and wait for it.` */
  readonly title: string;
}

const folders: Readonly<Record<LessonKind, string>> = { lesson: "lessons", pitfall: "pitfalls" };

/** Where the file of a lesson is in a folder that has the lessons. */
export function lessonPath(folder: string, { kind, name }: Pick<Lesson, "kind" | "name">): string {
  return join(folder, folders[kind], `${name}.ts`);
}

/** All of them, as the extension brings them. */
export async function allLessons(extension: string): Promise<readonly Lesson[]> {
  const found = (["lesson", "pitfall"] as const).map(async (kind) => {
    const files = (await readdir(join(extension, "examples", folders[kind]))).filter((file) => file.endsWith(".ts"));
    return Promise.all(
      files.sort().map(async (file): Promise<Lesson> => {
        const text = await readFile(join(extension, "examples", folders[kind], file), "utf8");
        return { kind, name: file.slice(0, -".ts".length), title: /^\/\/ (.*)$/m.exec(text)?.[1] ?? file };
      }),
    );
  });
  return (await Promise.all(found)).flat();
}

/** The lesson whose file this is, wherever it lies; by the file's name. */
export function lessonOf(lessons: readonly Lesson[], uri: vscode.Uri): Lesson | undefined {
  return lessons.find(({ kind, name }) => uri.path.endsWith(`/${folders[kind]}/${name}.ts`));
}

const folderKey = "lessonsFolder";
const first: Pick<Lesson, "kind" | "name"> = { kind: "lesson", name: "01-spawn-and-join" };

/** A folder with the lessons: one that is open, or the one that was made last. */
export function knownFolder(context: vscode.ExtensionContext): string | undefined {
  const open = (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) =>
    uri.scheme === "file" ? [uri.fsPath, join(uri.fsPath, "examples")] : [],
  );
  const made = context.globalState.get<string>(folderKey);
  return [...open, ...(made === undefined ? [] : [made])].find((folder) => existsSync(lessonPath(folder, first)));
}

export async function rememberFolder(context: vscode.ExtensionContext, folder: string): Promise<void> {
  await context.globalState.update(folderKey, folder);
}
