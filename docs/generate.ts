/**
 * Writes what the documentation says twice: the pages of rules and concepts, which the server reads where they lie, are
 * copied to `docs/`; the README's table of rules, the page on the config, its schema and the settings of the editor are
 * made from the catalogue, the page on the command line from its definitions, the extension's walkthrough from concepts
 * and lessons, and the library's reference from its doc comments.
 *
 *   npm run docs             write
 *   npm run docs -- --check  write nothing, and fail where a file would change
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { catalogue } from "../server/src/analysis/catalogue.js";
import type { Concept } from "../server/src/concepts/concept.js";
import { readConcepts } from "../server/src/concepts/load.js";
import { pageMarkdown, resolveLinks } from "../server/src/concepts/render.js";
import { configurableRules, rulePage } from "../server/src/config/rules.js";
import { schemaText } from "../server/src/config/schema.js";
import { commandLinePage } from "./commandLine.js";
import { configurationPage, manifestWithRules } from "./configuration.js";
import { referencePages } from "./reference.js";
import { manifestWithWalkthrough, walkthrough } from "./walkthrough.js";

const root = new URL("../", import.meta.url);

/** Every generated file, by its path from the root. */
async function generate(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const { all: concepts, conceptsForRule } = await readConcepts();
  for (const concept of concepts) {
    const text = pageMarkdown(concept, (href) => relink("concepts", href));
    files.set(`docs/concepts/${concept.id}.md`, generated(`server/src/concepts/${concept.id}.md`, text));
  }
  for (const { name } of configurableRules) {
    const page = rulePage(name);
    if (page === undefined) throw new Error(`the rule ${name} has no page.md`);
    const behind = conceptsForRule(name).map(({ id, title }) => `- [${title}](../concepts/${id}.md)`);
    const ideas = behind.length === 0 ? "" : `\n\n## The ideas behind it\n\n${behind.join("\n")}`;
    const text = `${resolveLinks(page, (href) => relink("rules", href)).trim()}${ideas}`;
    files.set(`docs/rules/${name}.md`, generated(`server/src/analysis/rules/${name}/page.md`, text));
  }
  const rules = catalogue.map(
    (rule) =>
      `| [\`${rule.name}\`](docs/rules/${rule.name}.md) | ${rule.severity} | ${rule.rust ?? "–"} | ${rule.summary} |`,
  );
  const readme = await readFile(new URL("README.md", root), "utf8");
  files.set(
    "README.md",
    between(
      readme,
      "rules",
      ["| rule | default | in Rust | what it finds |", "|---|---|---|---|", ...rules].join("\n"),
    ),
  );
  const index = await readFile(new URL("docs/README.md", root), "utf8");
  const pages = inReadingOrder(concepts).map(
    ({ id, title, whatItIs }) => `- [${title}](concepts/${id}.md): ${plain(firstSentence(whatItIs))}`,
  );
  files.set("docs/README.md", between(index, "concepts", pages.join("\n")));
  files.set("docs/command-line.md", generated("server/src/cli/program.ts", commandLinePage()));
  files.set("docs/configuration.md", generated("server/src/analysis/catalogue.ts", configurationPage()));
  files.set("server/schema/fearless-threads.config.schema.json", schemaText());
  const tour = await walkthrough(concepts);
  const manifest = await readFile(new URL("package.json", root), "utf8");
  files.set("package.json", manifestWithWalkthrough(manifestWithRules(manifest), tour));
  for (const [path, text] of tour.pages) files.set(path, text);
  for (const [name, text] of await referencePages()) {
    files.set(`docs/api/${name}`, generated("the doc comments of runtime/src", text));
  }
  return files;
}

/** Each concept after those that it builds on. */
function inReadingOrder(concepts: readonly Concept[]): readonly Concept[] {
  const order = (
    "thread spawn join move captures sending panic result builder scope " +
    "data-race mutex arc poison rwlock atomics channel condvar barrier once semaphore current how-many-threads pool stopping watching " +
    "alternatives"
  ).split(" ");
  const unplaced = concepts.filter(({ id }) => !order.includes(id));
  if (unplaced.length > 0) throw new Error(`no place in the reading order for ${unplaced.map(({ id }) => id)}`);
  return [...concepts].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

/** A link of a page as it lies in the sources, as it has to be in `docs/<folder>/`. */
function relink(folder: "concepts" | "rules", href: string): string {
  const rule = /(?:^|\/)(?<name>[\w-]+)\/page\.md(?<anchor>#.*)?$/.exec(href)?.groups;
  if (rule) return `${folder === "rules" ? "" : "../rules/"}${rule.name}.md${rule.anchor ?? ""}`;
  const concept = /(?:^|\/)(?<name>[\w-]+)\.md(?<anchor>#.*)?$/.exec(href)?.groups;
  if (concept) return `${folder === "concepts" ? "" : "../concepts/"}${concept.name}.md${concept.anchor ?? ""}`;
  return href;
}

function generated(source: string, text: string): string {
  return `<!-- Generated from ${source} by \`npm run docs\`. -->\n\n${text.trim()}\n`;
}

/** Puts the text between the two comments that carry the name. */
function between(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const start = page.indexOf(open);
  const end = page.indexOf(close);
  if (start < 0 || end < start) throw new Error(`expected ${open} … ${close} in the page`);
  return `${page.slice(0, start + open.length)}\n${text}\n${page.slice(end)}`;
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text;
}

/** On one line, without links. */
function plain(text: string): string {
  return text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("\n", " ");
}

const drifted: string[] = [];
const files = await generate();
for (const [path, text] of files) {
  const url = new URL(path, root);
  const current = await readFile(url, "utf8").catch(() => undefined);
  if (current === text) continue;
  drifted.push(path);
  if (process.argv.includes("--check")) continue;
  await mkdir(new URL(".", url), { recursive: true });
  await writeFile(url, text);
}

for (const folder of ["docs/api", "client/walkthrough"]) {
  for (const name of await readdir(new URL(`${folder}/`, root))) {
    const path = `${folder}/${name}`;
    if (files.has(path)) continue;
    drifted.push(path);
    if (!process.argv.includes("--check")) await rm(new URL(path, root));
  }
}

if (process.argv.includes("--check") && drifted.length > 0) {
  console.error(`Out of date, run \`npm run docs\`:\n${drifted.map((path) => `  ${path}`).join("\n")}`);
  process.exitCode = 1;
} else {
  console.log(drifted.length === 0 ? "The documentation is up to date." : `Wrote ${drifted.join(", ")}`);
}
