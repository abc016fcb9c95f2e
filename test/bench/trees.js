/**
 * What no check with types can do without: TypeScript's own API starts the compiler, has it load the project of the
 * working folder, and fetches the trees of some files. No question is asked, nothing is analysed.
 *
 *   node trees.js <file...>
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { API } from "typescript/async";

const files = process.argv.slice(2).map((file) => resolve(file));
const config = resolve("tsconfig.json");
const api = new API({ cwd: process.cwd() });
const project = existsSync(config) ? { openProjects: [config] } : { openFiles: files };
const snapshot = await api.createSnapshot({ ...project, ensurePrograms: true });
const [first] = snapshot.getProjects();
const trees = await Promise.all(files.map((file) => first.program.getSourceFile(file)));
console.log(trees.filter((tree) => tree !== undefined).length);
await api.close();
