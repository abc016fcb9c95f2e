/** Helper functions that compilers put beside a closure, by the name they give them. */
export const helpers: Readonly<Record<string, unknown>> = {
  __name: (target: object, value: string) => Object.defineProperty(target, "name", { value, configurable: true }),
};
