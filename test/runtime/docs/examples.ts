/** The `@example`s of doc comments, made into programs. */
import { readdirSync, readFileSync } from "node:fs";

export interface Example {
  /** Where its comment stands: `sync/mutex.ts:31`. */
  readonly at: string;
  /** The files of the program; the last one is run. */
  readonly files: readonly { readonly name: string; readonly code: string }[];
  /** The lines that it says it prints. */
  readonly prints: readonly string[];
}

/**
 * Every example in the sources below a folder.
 *
 * A comment `// point.ts` on a line of its own begins a file. A comment at the end of a line with `console.log` says what
 * it prints; a line that prints several times says `// 1, 2`. The names of the library are there without an import.
 */
export function readExamples(folder: URL, library: LibraryNames): readonly Example[] {
  const files = readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".ts"))
    .sort();
  return files.flatMap((name) => examplesIn(name, readFileSync(new URL(name, folder), "utf8"), library));
}

/** What an example may use of the library. */
export interface LibraryNames {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

export function examplesIn(name: string, text: string, library: LibraryNames): readonly Example[] {
  const found: Example[] = [];
  for (const comment of text.matchAll(/\/\*\*.*?\*\//gs)) {
    const first = text.slice(0, comment.index).split("\n").length;
    const lines = comment[0]
      .replace(/\*\/$/, "")
      .split("\n")
      .map((line) => line.replace(/^\s*\*\s?/, ""));
    for (const [i, line] of lines.entries()) {
      if (line.trim() !== "@example") continue;
      const after = lines.slice(i + 1);
      const end = after.findIndex((line) => /^@\w/.test(line));
      found.push(exampleOf(`${name}:${first + i}`, after.slice(0, end < 0 ? undefined : end).join("\n"), library));
    }
  }
  return found;
}

function exampleOf(at: string, code: string, library: LibraryNames): Example {
  const parts = code.split(/^\/\/ ([\w-]+\.ts)$/m);
  const files = [{ name: "main.ts", code: parts[0] ?? "" }];
  for (let i = 1; i < parts.length; i += 2) files.push({ name: parts[i] ?? "", code: parts[i + 1] ?? "" });
  return {
    at,
    files: files
      .filter(({ code }) => code.trim() !== "")
      .map(({ name, code }) => ({ name, code: withImports(code, library) })),
    prints: [...code.matchAll(/console\.log\(.*\s\/\/ (?:prints: )?(.*)$/gm)].map(([, text = ""]) => text.trim()),
  };
}

/** The code, with an import of what it uses of the library and does not import itself. */
function withImports(code: string, library: LibraryNames): string {
  const imported = [...code.matchAll(/^import (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = ""]) =>
    names.split(/\W+/),
  );
  const uses = (name: string) => new RegExp(`(?<![.\\w])${name}\\b`).test(code) && !imported.includes(name);
  const types = library.types.filter(uses).map((name) => `type ${name}`);
  const names = [...library.values.filter(uses), ...types];
  const line = names.length === 0 ? "export {};" : `import { ${names.join(", ")} } from "fearless-threads";`;
  return `${line}\n${code}`;
}
