import { routes, type NetworkStatus } from '@souk/contracts';
import type { Context } from '../context.ts';
import { agoText, inText } from '../output/ago.ts';
import { count } from '../output/printable.ts';
import { facts, table } from '../output/table.ts';

type Tier = NonNullable<NetworkStatus['lookups']>['tiers'][number];
type Hits = Pick<Tier, 'asked' | 'hits'>;

/** `souk network status`: what the site's peer is, whom it is linked to, what it leases, how its lookups do. */
export async function showStatus(context: Context): Promise<void> {
  const status = await (await context.gateway()).call(routes.getNetwork, {});
  context.out.answer(status, () => statusText(status, context.host.now()));
  if (status.links === 0) context.out.note('Linked to nobody: only what this site holds itself can be found. Let others join: souk network invite. Or join them: souk up --join INVITE');
  else if (status.role === 'leaf' && status.supers?.length === 0) context.out.note('No super-peer answers: lookups ask the peers that are linked, which takes longer. See: souk network supers');
}

function statusText(status: NetworkStatus, now: number): string {
  return `${facts([
    ['peer', status.peerId],
    ['identities', status.identities && String(status.identities.length)],
    ['role', status.role],
    ['zone', status.zone],
    ['network', status.network],
    ['charter', charterText(status)],
    ['records', freshText(status, now)],
    ['addresses', status.multiaddrs.join(', ')],
    ['links', status.supers === undefined || status.supers.length === 0 ? String(status.links) : `${status.links}, ${count(status.supers.length, 'super-peer')} among them`],
    ['behind', behindText(status, now)],
    ['lease', leaseText(status, now)],
    ['index', status.index && `${count(status.index.leases, 'peer')}, ${count(status.index.cids, 'blob')}`],
    ...(status.follows ? [['follows', `what is held, and a list of ${status.follows.listed} that means ${count(status.follows.logs, 'log')}`] as const] : []),
    ['holds', `${count(status.logs, 'log')}, ${count(status.records, 'record')}, ${count(status.blobs, 'blob')}`],
    ['head root', status.headRoot],
  ])}${tiersText(status)}`;
}

function charterText({ charter }: NetworkStatus): string | undefined {
  if (!charter) return undefined;
  return charter.version === 0 ? `none yet, of ${charter.authority}` : `version ${charter.version}, ${count(charter.supers, 'super-peer')}`;
}

function freshText({ freshness }: NetworkStatus, now: number): string | undefined {
  if (!freshness) return undefined;
  const { stale, since, needed, attested } = freshness;
  if (!stale) return `fresh, attested by ${count(attested.length, 'super-peer')}`;
  return `STALE since ${since === undefined ? 'the start' : `${since} (${agoText(since, now)})`}: ${attested.length} of ${count(needed, 'super-peer')} ever attested what is held here`;
}

function behindText({ behind }: NetworkStatus, now: number): string | undefined {
  if (!behind || behind.peers === 0) return undefined;
  return `${count(behind.peers, 'linked peer')} ${behind.peers === 1 ? 'has' : 'have'} records that are not here${behind.since === undefined ? '' : `, since ${agoText(behind.since, now)}`}: souk network lag`;
}

function leaseText({ lease, leased, identities }: NetworkStatus, now: number): string | undefined {
  if (!lease) return undefined;
  const { epoch, n, blobs, holders } = lease;
  const [last] = holders.toSorted((a, b) => b.renewedAt.localeCompare(a.renewedAt));
  const held = last === undefined ? 'no super-peer holds it' : `held by ${count(holders.length, 'super-peer')}, renewed ${agoText(last.renewedAt, now)}, ends ${inText(last.endsAt, now)} unless it is renewed`;
  const all = identities === undefined || leased === undefined ? '' : ` (${count(leased, 'blob')} of all identities)`;
  return `${count(blobs, 'blob')}${all}, ${held} (epoch ${epoch}, n ${n})`;
}

function tiersText({ lookups }: NetworkStatus): string {
  if (!lookups || lookups.tiers.length === 0) return '';
  const rows = lookups.tiers.map(({ tier, recent, ...all }) => [tier, String(all.asked), shareText(all), String(recent.asked), shareText(recent)]);
  return `\nWho knew in lookups, since ${lookups.since} and in the last ${Math.round(lookups.recentSeconds / 60)} min\n${table(['TIER', 'ASKED', 'KNEW', 'LATELY', 'KNEW'], rows)}`;
}

function shareText({ asked, hits }: Hits): string {
  return asked === 0 ? '-' : `${hits} (${((100 * hits) / asked).toFixed(0)} %)`;
}
