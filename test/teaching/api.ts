/** The names that `fearless-threads` exports, as the compiler sees them. */
import { fileURLToPath } from "node:url";
import { API, type Checker, type Symbol as ProgramSymbol, SymbolFlags } from "typescript/async";

export interface ApiNames {
  /** Functions, classes, types, namespaces: `spawn`, `JoinHandle`, `Sendable`. */
  readonly exported: readonly string[];
  /** Public members of the exported classes and interfaces: `JoinHandle.join`. */
  readonly members: readonly string[];
}

/** Reads them from the sources, so that a name is found missing as soon as it is exported. */
export async function apiNames(): Promise<ApiNames> {
  const index = fileURLToPath(new URL("../../runtime/src/index.ts", import.meta.url));
  const api = new API({ cwd: fileURLToPath(new URL("../../runtime", import.meta.url)) });
  try {
    const snapshot = await api.createSnapshot({ openFiles: [index] });
    const project = await snapshot.getDefaultProjectForFile(index);
    const tree = await project?.program.getSourceFile(index);
    if (!project || !tree) throw new Error("the compiler does not know runtime/src/index.ts");
    const module = await project.checker.getSymbolAtLocation(tree);
    if (!module) throw new Error("runtime/src/index.ts exports nothing");
    const exported = new Set<string>();
    const members = new Set<string>();
    await collect(project.checker, module, exported, members);
    return { exported: [...exported].sort(), members: [...members].sort() };
  } finally {
    await api.close();
  }
}

async function collect(
  checker: Checker,
  module: ProgramSymbol,
  exported: Set<string>,
  members: Set<string>,
): Promise<void> {
  for (const symbol of await checker.getExportsOfModule(module)) {
    const target = symbol.flags & SymbolFlags.Alias ? await checker.getAliasedSymbol(symbol) : symbol;
    exported.add(symbol.name);
    if (target.flags & SymbolFlags.Module) await collect(checker, target, exported, members);
    const named = target.flags & SymbolFlags.Variable ? await classOf(checker, target) : target;
    if (!named || !(named.flags & (SymbolFlags.Class | SymbolFlags.Interface))) continue;
    const own = [...(await named.getMembers()).values()];
    const statics = named.flags & SymbolFlags.Class ? [...(await named.getExports()).values()] : [];
    for (const member of [...own, ...statics]) {
      if (/^[a-z]\w*$/i.test(member.name)) members.add(`${symbol.name}.${member.name}`);
    }
  }
}

/** The class that a constant holds: `const Arc = ArcClass`. */
async function classOf(checker: Checker, constant: ProgramSymbol): Promise<ProgramSymbol | undefined> {
  return (await checker.getTypeOfSymbol(constant)).getSymbol();
}
