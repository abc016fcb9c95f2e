// `npm run test:desktop`: the suite in a desktop VS Code, downloaded by @vscode/test-electron. Build first.
//
//   npm run test:desktop
//   npm run test:desktop -- hover     tests whose title has "hover"
import { runDesktop } from "./support/parts.js";

try {
  process.exitCode = await runDesktop(process.argv[2]);
} catch (error) {
  console.error(`The desktop VS Code could not be tested: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
