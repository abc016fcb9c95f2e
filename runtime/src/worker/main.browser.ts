// What every worker in a browser runs, once it has been told what it is started with.
import { provideLibrary } from "../browser/importing.js";
import { findSource } from "../browser/sourceMap.js";
import { provideSources } from "../browser/sources.js";
import { watchTimers } from "../browser/timers.js";
import * as library from "../index.js";
import { boot } from "./boot.js";
import { provideCompiler } from "./compile.js";
import { serve } from "./serve.js";
import { compileInside } from "./surroundings.js";

provideLibrary(library);
provideCompiler(compileInside);
provideSources(findSource);
if (boot !== undefined) {
  watchTimers();
  serve(boot);
}
