/** Beyond this, sorting everything is as good. */
const maxInserted = 1000;

/** The first `count` (1 or more) of a list in the order of a comparison, without sorting the others. */
export function firstOf(list: Int32Array, count: number, compare: (a: number, b: number) => number): number[] {
  if (count > maxInserted || count >= list.length) return [...list.toSorted(compare).subarray(0, count)];
  const first: number[] = [];
  for (let at = 0; at < list.length; at++) {
    const one = list[at] as number;
    if (first.length === count) {
      if (compare(one, first[count - 1] as number) >= 0) continue;
      first.pop();
    }
    first.splice(placeOf(one, first, compare), 0, one);
  }
  return first;
}

function placeOf(one: number, sorted: readonly number[], compare: (a: number, b: number) => number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(one, sorted[middle] as number) < 0) to = middle;
    else from = middle + 1;
  }
  return from;
}
