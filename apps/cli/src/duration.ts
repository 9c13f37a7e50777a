import { SoukError } from '@souk/domain';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds in a length of time as people write it: 90s, 15m, 12h, 30d. Throws BAD_REQUEST. */
export function secondsIn(text: string): number {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text.trim());
  if (!match) throw new SoukError('BAD_REQUEST', `"${text.slice(0, 40)}" is no length of time.`, { hint: 'Write it as 90s, 15m, 12h or 30d.' });
  return Number(match[1]) * (units[match[2] as string] as number);
}
