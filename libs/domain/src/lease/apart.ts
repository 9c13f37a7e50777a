import { addressGroup, isPrivateAddress } from './address-group.ts';

/** Where a super-peer is: its address, and the zone that it says it is in. */
export interface Place {
  readonly address: string;
  readonly zone?: string | undefined;
}

/** What two places have in common, so that one failure may take both: a `zone`, or `addresses` that are likely to be of one owner. */
export type Shared = 'zone' | 'addresses';

/** The owner of an address as far as links that are to fail apart are concerned: the first 16 bits of an IPv4 address, else as `addressGroup`. */
function siteGroup(multiaddr: string): string {
  const group = addressGroup(multiaddr);
  return multiaddr.startsWith('/ip4/') ? group.split('.').slice(0, 2).join('.') : group;
}

/** What two places share. Zones that differ count more than private addresses that are alike: those say nothing of where a machine stands. */
export function sharedBy(a: Place, b: Place): Shared | undefined {
  const zonesKnown = a.zone !== undefined && b.zone !== undefined;
  if (zonesKnown && a.zone === b.zone) return 'zone';
  if (zonesKnown && isPrivateAddress(a.address) && isPrivateAddress(b.address)) return undefined;
  return siteGroup(a.address) === siteGroup(b.address) ? 'addresses' : undefined;
}

/** How many of these places share something with one. */
export function shares(place: Place, others: readonly Place[]): number {
  return others.filter((other) => sharedBy(place, other) !== undefined).length;
}

/** The one that shares something with most of the others, the last of equals; undefined when none shares anything. */
export function mostSharing(places: ReadonlyMap<string, Place>): string | undefined {
  const counted = [...places].map(([name, place]) => ({ name, count: shares(place, [...places].filter(([other]) => other !== name).map(([, one]) => one)) }));
  const most = Math.max(0, ...counted.map((one) => one.count));
  return most === 0 ? undefined : counted.findLast((one) => one.count === most)?.name;
}

/**
 * Candidates in the order in which to try them: the first `most` are chosen one after the other so that each shares least with what is held and with those before it,
 * the others follow by what they share with these. Among equals the order stays.
 */
export function apart<T extends Place>(candidates: readonly T[], held: readonly Place[], most: number): T[] {
  const left = [...candidates];
  const chosen: T[] = [];
  while (chosen.length < most && left.length > 0) {
    const taken = [...held, ...chosen];
    const counts = left.map((one) => shares(one, taken));
    chosen.push(...left.splice(counts.indexOf(Math.min(...counts)), 1));
  }
  const taken = [...held, ...chosen];
  return [...chosen, ...left.map((one) => ({ one, count: shares(one, taken) })).sort((a, b) => a.count - b.count).map(({ one }) => one)];
}
