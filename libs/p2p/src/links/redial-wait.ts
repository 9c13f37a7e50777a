const shortestMs = 250;

/** How long the next dial of an address waits after so many failures in a row, in milliseconds: ever longer, apart from what others wait, never longer than `longestMs`. */
export function redialWait(failures: number, longestMs: number, random: () => number): number {
  return Math.min(longestMs, shortestMs * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2);
}
