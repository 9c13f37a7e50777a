/** How a figure stands: it reaches Souk's goal, only the original's target, or neither. `none` when nothing was promised. */
export type Verdict = 'goal' | 'target' | 'miss' | 'none';

/** Judges a value of which more, or less, is better, by its bounds; a bound that is just reached is kept. */
export function verdictOfValue(value: number, { better, target, goal }: { readonly better: 'more' | 'less'; readonly target?: number; readonly goal?: number }): Verdict {
  const sign = better === 'more' ? -1 : 1;
  const bounds = { ...(target === undefined ? {} : { target: sign * target }), ...(goal === undefined ? {} : { goal: sign * goal }) };
  return verdictOf(sign * value, bounds);
}

/** Judges a p95 by its bounds, all of one unit; a bound that is just reached is kept. */
export function verdictOf(p95: number, bounds: { readonly target?: number; readonly goal?: number }): Verdict {
  const { target, goal } = bounds;
  if (target === undefined && goal === undefined) return 'none';
  if (goal !== undefined && p95 <= goal) return 'goal';
  return target !== undefined && p95 <= target ? 'target' : 'miss';
}
