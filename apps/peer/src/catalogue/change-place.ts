/** A place in the order in which packages are told: the `nth` (from 0) of the packages that the record at `arrival` touches. */
export interface ChangePlace {
  readonly arrival: number;
  readonly nth: number;
}

const inside = 2 ** 52;
const steps = 2 ** 20;

/** Most packages that one record is said to touch. */
export const maxTouched = steps - 1;

/** The cursor of whoever was told everything before a place: the arrival that is read, or a number from 2^52 on for a place inside the packages of the record after it. */
export function cursorBefore({ arrival, nth }: ChangePlace): number {
  return nth === 0 ? arrival - 1 : inside + (arrival - 1) * steps + nth;
}

/** Whether the first of two cursors was told less than the second. */
export function isBehind(cursor: number, other: number): boolean {
  const [a, b] = [placeAfter(cursor), placeAfter(other)];
  return a.arrival < b.arrival || (a.arrival === b.arrival && a.nth < b.nth);
}

/** The place that comes next for whoever has a cursor. */
export function placeAfter(cursor: number): ChangePlace {
  if (cursor < inside) return { arrival: cursor + 1, nth: 0 };
  return { arrival: Math.floor((cursor - inside) / steps) + 1, nth: (cursor - inside) % steps };
}
