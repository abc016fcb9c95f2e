/** The files that a text names for workers in other ways than by an import, without parsing it. */

const quoted = String.raw`(?:"([^"\n]+)"|'([^'\n]+)'|\u0060([^\u0060\n]+)\u0060)`;
const script = /\.[cm]?[jt]sx?$/;

/** `import W from "./w?worker"`, `new Worker("./w.js")`, `require.resolve("./w")`, `new URL("./w.js", …)`. */
const whole = new RegExp(
  String.raw`(?:\bfrom|\bimport|\bWorker\s*\(|\brequire\.resolve\s*\(|\bnew\s+URL\s*\()\s*\(?\s*${quoted}`,
  "g",
);
/** `join(__dirname, "jobs", "w.js")`, `__dirname + "/w.js"`, and what else stands behind the name of the file's folder. */
const beside = /(?:\b__dirname|\bimport\.meta\.(?:dirname|url))\b[^;\n]{0,200}/g;

/** Specifiers that are relative to the file. One too many costs a look at a file; none of it is an import. */
export function scanWorkerFiles(text: string): readonly string[] {
  if (!/Worker|\?worker\b|\b__dirname\b|\bimport\.meta\.dirname\b|\brequire\.resolve\b/.test(text)) return [];
  const found = new Set<string>();
  for (const match of text.matchAll(whole)) {
    const [specifier = ""] = match.slice(1).filter((one) => one !== undefined);
    const bundled = /^(.*)\?worker\b/.exec(specifier)?.[1];
    if (/^(?:from|import)/.test(match[0])) {
      if (bundled !== undefined) found.add(bundled);
    } else if (/^\.\.?\//.test(specifier)) found.add(specifier);
    else if (match[0].startsWith("Worker") && /^[\w@-][^:]*$/.test(specifier) && script.test(specifier)) {
      // In a page it is relative without a dot, too.
      found.add(`./${specifier}`);
    }
  }
  for (const [line] of text.matchAll(beside)) {
    // `${__dirname}/w.js`
    const [, rest] = /^[\w.]+\}(\/[^`$\n]*)`/.exec(line) ?? [];
    if (rest !== undefined && script.test(rest)) found.add(`.${rest}`);
    const parts = [...line.matchAll(new RegExp(quoted, "g"))].map((match) => match.slice(1).find(Boolean) ?? "");
    const last = parts.findIndex((part) => script.test(part));
    if (last >= 0)
      found.add(
        ["."]
          .concat(parts.slice(0, last + 1))
          .join("/")
          .replace(/\/{2,}/g, "/")
          .replace(/^\.\/(?=\.)/, ""),
      );
  }
  return [...found];
}
