import { routes, type LagLine } from '@souk/contracts';
import type { Context } from '../context.ts';
import { agoText } from '../output/ago.ts';
import { count } from '../output/printable.ts';
import { table } from '../output/table.ts';
import { shortPeer } from './peer-names.ts';

/** `souk network lag`: how many records the site's peer is behind each of those that it is linked to, and why. */
export async function showLag(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.getLag, {});
  const now = context.host.now();
  context.out.answer(answer, () => {
    if (answer.total === 0) return 'No links to other peers, so there is nobody to be behind. Invite one: souk network invite\n';
    const more = answer.total > answer.peers.length ? `and ${answer.total - answer.peers.length} more, none of them further ahead\n` : '';
    return `${table(['PEER', 'RECORDS', 'SINCE', 'LAST EXCHANGE', 'REMARK'], answer.peers.map((one) => rowOf(one, now)), context.out.width)}${more}`;
  });
}

function rowOf({ peer, inSync, behind, since, exchangedAt, records, error }: LagLine, now: number): string[] {
  const unsure = exchangedAt === undefined && since === undefined ? 'not compared yet' : 'has more';
  return [
    shortPeer(peer),
    inSync ? 'in sync' : behind === undefined ? unsure : `${behind} behind`,
    since === undefined ? '-' : agoText(since, now),
    exchangedAt === undefined ? 'none' : `${agoText(exchangedAt, now)}${records === undefined || records === 0 ? '' : `, ${count(records, 'record')}`}`,
    error === undefined ? '' : `${error.code} ${agoText(error.at, now)}: ${error.message}`,
  ];
}
