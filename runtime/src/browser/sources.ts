/** A place in a script or a source; line and column count from 1. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

type FindSource = (place: Place) => Place;

let find: FindSource = (place) => place;

/** In a worker, which may wait for files: how the source of a place is found. A page does not load the code for that. */
export function provideSources(how: FindSource): void {
  find = how;
}

/** The place in the source; in a page that in the script. */
export function sourceOf(place: Place): Place {
  return find(place);
}
