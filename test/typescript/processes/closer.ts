/** Asks something and closes. Says so if anything keeps its process alive then. */
import { createProgramHost } from "../../../server/src/typescript/host.js";

const file = process.argv[2] ?? "";
const host = createProgramHost();
const snapshot = await host.update({ opened: [file] });
process.stdout.write(`${(await snapshot.tree(file))?.statements.length} statements\n`);
await snapshot.dispose();
await host.close();
// Fires only where something else is waited for.
setTimeout(() => process.stdout.write("still here\n"), 500).unref();
