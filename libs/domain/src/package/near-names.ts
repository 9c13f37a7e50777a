/** Longest name that is compared; names are at most 214 characters long. */
const maxLength = 256;

/** Three rows of the distance table, reused between calls. */
let beforeLast = new Uint16Array(maxLength + 1);
let last = new Uint16Array(maxLength + 1);
let current = new Uint16Array(maxLength + 1);

/**
 * The names most like a name that does not exist, nearest first: by edit distance in which swapping two neighbours counts once
 * (optimal string alignment), at most one edit per three characters and three in all. The same name in another scope
 * counts as one edit. Fast enough for all names of a catalogue (some 60,000 in a few milliseconds).
 */
export function nearNames(name: string, candidates: Iterable<string>, n = 3): string[] {
  const limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  const wanted = lettersOf(name);
  const base = baseOf(name);
  const found: { readonly name: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const distance = baseOf(candidate) === base ? 1 : distanceWithin(name, candidate, limit, wanted);
    if (distance <= limit) found.push({ name: candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return found.slice(0, n).map((one) => one.name);
}

function baseOf(name: string): string {
  return name.charCodeAt(0) === 64 ? name.slice(name.indexOf('/') + 1) : name;
}

/** One bit per character code modulo 32: each edit changes at most two bits, which rules most names out without a table. */
function lettersOf(name: string): number {
  let letters = 0;
  for (let at = 0; at < name.length; at += 1) letters |= 1 << (name.charCodeAt(at) & 31);
  return letters;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function distanceWithin(a: string, b: string, limit: number, lettersOfA: number): number {
  const far = limit + 1;
  if (Math.abs(a.length - b.length) > limit || a.length > maxLength || b.length > maxLength) return far;
  if (bitCount(lettersOfA ^ lettersOf(b)) > 2 * limit) return far;
  for (let j = 0; j <= b.length; j += 1) last[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    if (nextRow(a, b, i) > limit) return far;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return last[b.length] ?? far;
}

/** Fills the row of a's i-th character and answers its least distance, which no later row can fall below by more than a swap gives. */
function nextRow(a: string, b: string, i: number): number {
  let least = (current[0] = i);
  for (let j = 1; j <= b.length; j += 1) {
    const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
    let cost = Math.min((last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
    if (i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
    current[j] = cost;
    if (cost < least) least = cost;
  }
  return least;
}
