// The tests in a real VS Code: the VS Code server with a headless Chromium as its window.
//
//   node test/vscode/run.js                 everything
//   node test/vscode/run.js node            what needs no editor: manifest, snippets, runner
//   node test/vscode/run.js suite hover     inside the extension host, tests whose title has "hover"
//   node test/vscode/run.js window          the packed extension, with mouse and keyboard
import { runNode, runSuite, runWindow } from "./support/parts.js";

const parts = { node: runNode, suite: runSuite, window: runWindow };
const [named, grep] = process.argv.slice(2);
if (named !== undefined && !(named in parts)) {
  console.error(`There is no part "${named}". There are: ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

let failed = false;
for (const [name, run] of Object.entries(parts)) {
  if (named !== undefined && named !== name) continue;
  console.log(`\n# ${name}`);
  const code = await run(grep).catch((error) => {
    console.error(error.message);
    return 1;
  });
  failed ||= code !== 0;
}
process.exitCode = failed ? 1 : 0;
