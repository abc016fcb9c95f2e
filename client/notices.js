/** The licences of what the bundles hold: each of them asks that its text goes along. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const noticeFile = /^(licen[cs]e|notice|thirdpartynotices?)/i;

/**
 * The text of the notices for all packages that source files come from.
 *
 * @param {Iterable<string>} inputs paths of bundled files, as esbuild's metafile names them
 * @returns {Promise<string>}
 * @throws {Error} where a package has no licence to show: it must not be bundled before somebody has looked at it.
 */
export async function thirdPartyNotices(inputs) {
  const folders = new Set([...inputs].flatMap((input) => packageFolder(input) ?? []));
  const notices = new Map(await Promise.all([...folders].map(noticeOf)));
  const ordered = [...notices].sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = ordered.map(([title, text]) => `${title}\n${"-".repeat(title.length)}\n\n${text}\n`);
  return ["This extension contains code of the packages below.\n", ...texts].join("\n\n");
}

/** `node_modules/a/node_modules/@b/c` of a file somewhere in it; undefined for the project's own. */
function packageFolder(input) {
  return /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}

async function noticeOf(folder) {
  const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => noticeFile.test(file)).sort();
  if (files.length === 0) throw new Error(`${folder} has no licence file. Find out whether it may be bundled.`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return [`${name} ${version}`, texts.map((text) => text.replaceAll("\r\n", "\n").trim()).join("\n\n")];
}
