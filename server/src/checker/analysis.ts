/** What it takes to look into a file, in one part that is loaded when it is needed. */
export { createSession } from "../analysis/analyse.js";
export { identifierAt } from "../typescript/identifier-at.js";
