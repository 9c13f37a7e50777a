/** Something of an address group, with a number that settles which of two equals counts. */
export interface Grouped {
  readonly group: string;
  readonly weight: number;
}

/** At most `most` of them, as many groups as there are before a second of any: within a group those of greater weight first. */
export function diverse<T extends Grouped>(candidates: readonly T[], most: number): T[] {
  if (candidates.length <= most) return [...candidates];
  const groups = new Map<string, T[]>();
  for (const one of candidates.toSorted((a, b) => b.weight - a.weight)) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  const chosen: T[] = [];
  for (let round = 0; chosen.length < most; round += 1) {
    const next = [...groups.values()].flatMap((group) => group[round] ?? []).toSorted((a, b) => b.weight - a.weight);
    chosen.push(...next.slice(0, most - chosen.length));
  }
  return chosen;
}
