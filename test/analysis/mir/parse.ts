/** Syntax trees of texts, from the real compiler, without a project around them. */
import type { SourceFile } from "typescript/ast";
import { API } from "typescript/async";
import { lower } from "../../../server/src/analysis/mir/lower.js";
import type { Module } from "../../../server/src/analysis/mir/mir.js";
import type { Answers } from "../../../server/src/analysis/program/program.js";

let api: API | undefined;

// Registers with the root suite, since this module is loaded while no suite is being described.
after(async () => {
  await api?.close();
  api = undefined;
});

export const noAnswers: Answers = { symbol: () => undefined, type: () => undefined, parts: () => undefined };

/** Calls `body` with the tree of `text`, which is released afterwards. */
export async function withTree<T>(name: string, text: string, body: (tree: SourceFile) => T): Promise<T> {
  api ??= new API({ cwd: process.cwd() });
  const parsed = await api.createSourceFile(`/virtual/${name}`, text.replace(/\p{Surrogate}/gu, "\ufffd"));
  try {
    return body(parsed.sourceFile);
  } finally {
    await parsed.dispose();
  }
}

export function lowered(name: string, text: string): Promise<Module> {
  return withTree(name, text, (tree) => lower(tree.fileName, tree, noAnswers));
}
