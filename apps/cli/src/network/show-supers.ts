import { routes, type SuperLine } from '@souk/contracts';
import type { Context } from '../context.ts';
import { agoText } from '../output/ago.ts';
import { table } from '../output/table.ts';
import { shortPeer } from './peer-names.ts';

const none = 'No super-peer is known here: lookups ask the peers that are linked. Name some: SOUK_SUPERS, or a charter (souk network charter FILE)\n';

/** `souk network supers`: the super-peers, who named them, and how their answers turned out. */
export async function showSupers(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.getSupers, {});
  const now = context.host.now();
  if (answer.supers.some((one) => one.shares !== undefined)) context.out.note('Super-peers that are linked share a zone or addresses, so one failure may take them together; no better ones are known here.');
  context.out.answer(answer, () => table(['SUPER-PEER', 'LINK', 'LATENCY', 'ZONE', 'NAMED BY', 'LEASE', 'ATTESTED', 'AUDITS', 'ANSWERS'], answer.supers.map((one) => rowOf(one, now))) || none);
}

function rowOf(one: SuperLine, now: number): string[] {
  const latency = one.latencyMs ?? one.answerMs;
  const failed = one.failedAt === undefined ? '' : `; last ${one.failedBy ?? 'failure'} ${agoText(one.failedAt, now)}`;
  return [
    one.peer === undefined ? (one.addresses[0] ?? '') : shortPeer(one.peer),
    linkText(one.links),
    latency === undefined ? '-' : `${latency.toFixed(0)} ms`,
    one.zone ?? '-',
    one.named,
    one.holdsLease ? 'held' : '-',
    one.attestedAt === undefined ? '-' : agoText(one.attestedAt, now),
    String(one.audits),
    `${Object.entries(one.answers).map(([how, times]) => `${times} ${how}`).join(', ') || 'none yet'}${failed}`,
  ];
}

function linkText(links: number): string {
  if (links === 0) return 'not linked';
  return links === 1 ? 'linked' : `${links} links`;
}
