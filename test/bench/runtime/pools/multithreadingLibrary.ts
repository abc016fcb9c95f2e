/** `multithreading` needs `navigator` and `Promise.withResolvers`: Node 22. Before that it is left out. */
export const library =
  "navigator" in globalThis && "withResolvers" in Promise ? await import("multithreading") : undefined;

export type Library = NonNullable<typeof library>;
