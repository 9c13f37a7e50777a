const units = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const;

/** A length of time for people, in its largest unit: "40 s", "3 min", "5 h", "2 d"; under a second "0 s". Milliseconds. */
export function spanText(ms: number): string {
  const [unit, size] = units.find(([, one]) => ms >= one) ?? ['s', 1000];
  return `${Math.floor(Math.max(0, ms) / size)} ${unit}`;
}

/** How long ago something was: "3 min ago". `at` is ISO 8601, `now` milliseconds since 1970. */
export function agoText(at: string, now: number): string {
  return `${spanText(now - Date.parse(at))} ago`;
}

/** How long until something ends: "in 17 min", or "over". */
export function inText(at: string, now: number): string {
  const left = Date.parse(at) - now;
  return left <= 0 ? 'over' : `in ${spanText(left)}`;
}
