/** What is different between two texts of one file. */

/** The texts are the same before `start`, and behind `oldEnd` and `newEnd`. */
export interface Edit {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

export function difference(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  const rest = shorter - start;
  while (same < rest && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same))
    same++;
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

/** Where a place of the new text was in the old one. Undefined inside of what is new. */
export function placeBefore({ start, oldEnd, newEnd }: Edit, place: number): number | undefined {
  if (place <= start) return place;
  return place >= newEnd ? place - newEnd + oldEnd : undefined;
}

/** Where a place of the old text is now. What was inside of what is gone is where that was. */
export function placeAfter({ start, oldEnd, newEnd }: Edit, place: number): number {
  if (place <= start) return place;
  return place >= oldEnd ? place - oldEnd + newEnd : start;
}
