/**
 * The reference of the library, read from its doc comments by TypeDoc. TypeDoc needs the compiler's JavaScript API, which
 * ends with TypeScript 6: this folder is a workspace with one of its own.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, type Context, Converter, ReflectionKind, TSConfigReader, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";

const runtime = fileURLToPath(new URL("../runtime/", import.meta.url));

const options: Partial<TypeDocOptions & PluginOptions> = {
  name: "fearless-threads",
  entryPoints: [`${runtime}src/index.ts`],
  tsconfig: `${runtime}tsconfig.json`,
  // Types are checked by the project's own compiler.
  skipErrorChecking: true,
  readme: "none",
  plugin: ["typedoc-plugin-markdown"],
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  // What Error brings along is documented by JavaScript.
  excludeExternals: true,
  disableSources: true,
  logLevel: "Warn",
  // A page for each class; functions and types are on the page of what they belong to.
  router: "member",
  membersWithOwnFile: ["Class", "Interface"],
  flattenOutputFiles: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  // Anchors of GitHub's own making; no others are needed.
  useHTMLAnchors: false,
  // With the first sentence of each.
  indexFormat: "table",
  sort: ["source-order"],
  // What a signature needs is exported: a test sees to that. What a type is made of need not be.
  validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
};

/** The pages of the reference, by their path below `docs/api`. @throws Error for a link that leads nowhere. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const app = await Application.bootstrapWithPlugins(options, [new TSConfigReader()]);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, hideInternals);
  const project = await app.convert();
  if (project === undefined) throw new Error("TypeDoc could not read runtime/src/index.ts");
  app.validate(project);
  const folder = await mkdtemp(join(tmpdir(), "fearless-threads-reference-"));
  try {
    app.options.setValue("outputs", [{ name: "markdown", path: folder }]);
    await app.generateOutputs(project);
    if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc could not write the reference");
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".md")).sort();
    const pages = names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const);
    return new Map(await Promise.all(pages));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Leaves out what is in the declarations only for the type checker's sake. */
function hideInternals({ project }: Context): void {
  for (const member of project.getReflectionsByKind(ReflectionKind.ClassMember)) {
    if (["[life]", "[hasInstance]"].includes(member.name)) project.removeReflection(member);
  }
}
