/** A small object, as programs send them. */
export function order(id: number) {
  return { id, name: `order ${id}`, x: id / 2, paid: id % 2 === 0 };
}
