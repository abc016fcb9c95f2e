/** The licences of what the bundles hold: each of them asks that its text goes along. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const noticeFile = /^(licen[cs]e|notice|thirdpartynotices?)/i;

/**
 * The text of the notices for all packages that source files come from.
 *
 * @param {string} what holds the code: "This extension"
 * @param {Iterable<string>} inputs paths of bundled files, as esbuild's metafile names them
 * @returns {Promise<string>}
 * @throws {Error} where a package has no licence to show: it must not be bundled before somebody has looked at it.
 */
export async function thirdPartyNotices(what, inputs) {
  const folders = new Set([...inputs].flatMap((input) => packageFolder(input) ?? []));
  const notices = new Map(await Promise.all([...folders].map(noticeOf)));
  const ordered = [...notices].sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = ordered.map(([title, text]) => `${title}\n${"-".repeat(title.length)}\n\n${text}\n`);
  return [`${what} contains code of the packages below.\n`, ...texts].join("\n\n");
}

/** `node_modules/a/node_modules/@b/c` of a file somewhere in it; undefined for the project's own. */
function packageFolder(input) {
  return /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}

async function noticeOf(folder) {
  const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => noticeFile.test(file)).sort();
  const texts =
    files.length > 0
      ? await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))
      : [await licenceInReadme(folder)];
  return [`${name} ${version}`, texts.map((text) => text.replaceAll("\r\n", "\n").trim()).join("\n\n")];
}

/** Some packages have it in their README only. */
async function licenceInReadme(folder) {
  const readme = await readFile(join(folder, "README.md"), "utf8").catch(() => "");
  const text = /^#+ licen[cs]e\s*$([\s\S]*)/im.exec(readme)?.[1];
  if (text === undefined) throw new Error(`${folder} shows no licence. Find out whether it may be bundled.`);
  return text;
}
