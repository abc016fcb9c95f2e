/** Finds something out of a file's text, once for as long as that is its text. */
export function byText<T>(find: (text: string) => T): (file: string, text: string) => T {
  const known = new Map<string, { readonly text: string; readonly found: T }>();
  return (file, text) => {
    const before = known.get(file);
    if (before?.text === text) return before.found;
    const found = find(text);
    known.set(file, { text, found });
    return found;
  };
}
