// All of the library, for whoever imports it, and for the closures that need more than what `main.ts` has.
import { provideCompiler } from "./compile.js";
import { compileInside } from "./surroundings.js";

export * from "../index.js";

provideCompiler(compileInside);
