/**
 * A set of choices for one package, as bits: choice i is its i-th version, newest first, and the choice after the oldest version
 * is its absence. Sets are never changed once made; those of one package have one length.
 */
export type VersionSet = Uint32Array;

function wordAt(set: VersionSet, word: number): number {
  return set[word] as number;
}

/** The set of nothing among `size` choices. */
export function noVersions(size: number): VersionSet {
  return new Uint32Array((size + 31) >>> 5);
}

/** Puts the choices from `from` up to and without `to` into a set that nobody else holds yet. */
export function addChoices(set: VersionSet, from: number, to: number): void {
  for (let choice = from; choice < to; choice += 1) set[choice >>> 5] = wordAt(set, choice >>> 5) | (1 << (choice & 31));
}

/** The set of one choice. */
export function only(size: number, choice: number): VersionSet {
  const set = noVersions(size);
  addChoices(set, choice, choice + 1);
  return set;
}

/** Whether a choice is in a set. */
export function has(set: VersionSet, choice: number): boolean {
  return (wordAt(set, choice >>> 5) & (1 << (choice & 31))) !== 0;
}

/** What is in both. */
export function both(a: VersionSet, b: VersionSet): VersionSet {
  return a.map((word, at) => word & wordAt(b, at));
}

/** What is in either. */
export function either(a: VersionSet, b: VersionSet): VersionSet {
  return a.map((word, at) => word | wordAt(b, at));
}

/** What is in the first and not in the second. */
export function without(a: VersionSet, b: VersionSet): VersionSet {
  return a.map((word, at) => word & ~wordAt(b, at));
}

/** Whether everything of the first is in the second. */
export function isWithin(a: VersionSet, b: VersionSet): boolean {
  for (let at = 0; at < a.length; at += 1) if ((wordAt(a, at) & ~wordAt(b, at)) !== 0) return false;
  return true;
}

/** Whether nothing is in both. */
export function areDisjoint(a: VersionSet, b: VersionSet): boolean {
  for (let at = 0; at < a.length; at += 1) if ((wordAt(a, at) & wordAt(b, at)) !== 0) return false;
  return true;
}

/** Whether nothing is in a set. */
export function isNone(set: VersionSet): boolean {
  return set.every((word) => word === 0);
}

/** Whether exactly one choice is in a set. */
export function isSingle(set: VersionSet): boolean {
  let found = false;
  for (let at = 0; at < set.length; at += 1) {
    const word = wordAt(set, at);
    if (word === 0) continue;
    if (found || (word & (word - 1)) !== 0) return false;
    found = true;
  }
  return found;
}

/** The first choice of a set, that is its newest version; -1 when there is none. */
export function firstOf(set: VersionSet): number {
  for (let at = 0; at < set.length; at += 1) {
    const word = wordAt(set, at);
    if (word !== 0) return at * 32 + 31 - Math.clz32(word & -word);
  }
  return -1;
}

/** All choices of a set in order. */
export function choicesOf(set: VersionSet, size: number): number[] {
  const choices: number[] = [];
  for (let choice = 0; choice < size; choice += 1) if (has(set, choice)) choices.push(choice);
  return choices;
}
