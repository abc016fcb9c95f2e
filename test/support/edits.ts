/** Texts as they come about when somebody types: a program, and what random edits make of it, one after the other. */
import fc from "fast-check";

/**
 * @param programs what the typing begins with
 * @param scraps what is typed in; the other edits only take something away
 */
export function editedTexts(programs: readonly string[], scraps: readonly string[]): fc.Arbitrary<readonly string[]> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(12),
    added: fc.constantFrom("", ...scraps),
  });
  return fc
    .tuple(fc.constantFrom(...programs), fc.array(edit, { minLength: 2, maxLength: 5 }))
    .map(([program, edits]) => {
      const texts = [program];
      for (const { at, removed, added } of edits) {
        const text = texts.at(-1) ?? "";
        const place = Math.floor(at * text.length);
        texts.push(text.slice(0, place) + added + text.slice(place + removed));
      }
      return texts;
    });
}
