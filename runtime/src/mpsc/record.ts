/** What kinds of records there are, besides the ring's own filler. */
export const record = {
  /** A whole number: the second word. */
  int: 1,
  /** Any number: the third and fourth word. */
  double: 2,
  /** What the codec wrote, from the second word on. */
  packed: 3,
  /** A message that comes through the link: the number of the end that sent it, and the body's. */
  body: 4,
  /** A chunk that comes through the link. */
  chunk: 5,
} as const;

/** How many words a record has that says what comes through a link. */
export const bodyLength = 4;
