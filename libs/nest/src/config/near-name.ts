/**
 * The known name that an unknown one was probably meant to be: the nearest by edit distance (insertions, deletions, substitutions
 * and swaps of neighbours), at most one edit per three characters of what follows `SOUK_`.
 */
export function nearName(unknown: string, known: Iterable<string>): string | undefined {
  const most = Math.max(1, Math.floor(unknown.replace(/^SOUK_/, '').length / 3));
  let nearest: string | undefined;
  let nearestDistance = most + 1;
  for (const name of known) {
    const distance = editDistance(unknown, name);
    if (distance < nearestDistance) [nearest, nearestDistance] = [name, distance];
  }
  return nearest;
}

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(beforeLast, j - 2) + 1);
      row.push(best);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
