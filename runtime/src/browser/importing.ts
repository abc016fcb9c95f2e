/** What `import` is called in a closure's text; six letters, as `import` has. */
export const importHelper = "$impt$";

let library: object = {};

/** In a worker: this library, which closures import by its name. Its modules need this one, so it is told here. */
export function provideLibrary(itself: object): void {
  library = itself;
}

/** This library as those have it who import it; only in a worker. */
export function libraryItself(): object {
  return library;
}

/**
 * What a closure of a script imports by: relative to the script, as in it. Evaluated code would import relative to the
 * library's own file.
 */
export function imported(script: string): (specifier: unknown) => Promise<unknown> {
  return async (wanted) => {
    const specifier = String(wanted);
    if (specifier === "fearless-threads") return library;
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ resolve(specifier, script));
  };
}

function resolve(specifier: string, script: string): string {
  if (/^(?:\.{0,2}\/)/.test(specifier)) return new URL(specifier, script).href;
  if (URL.canParse(specifier)) return specifier;
  throw new TypeError(
    `a thread in a browser cannot find the package "${specifier}": workers have no import map; import a URL, or let a bundler make a file of it (esbuild: --splitting)`,
  );
}
