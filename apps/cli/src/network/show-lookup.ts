import { routes, type LookupAnswer, type LookupStep } from '@souk/contracts';
import { parseCid } from '@souk/domain';
import type { Context } from '../context.ts';
import { count } from '../output/printable.ts';
import { table } from '../output/table.ts';
import { shortPeer } from './peer-names.ts';

/** `souk network lookup CID`: who holds a blob, and what was tried to find that out, tier by tier. */
export async function showLookup(context: Context, text: string): Promise<void> {
  const answer = await (await context.gateway()).call(routes.lookup, { params: { cid: parseCid(text) } });
  context.out.answer(answer, () => lookupText(answer));
}

function lookupText(answer: LookupAnswer): string {
  const who = answer.providers.map((one) => `${one.peer}\n`).join('');
  const found = answer.providers.length === 0 ? 'Nobody has it' : `${count(answer.providers.length, 'provider')}, known by ${answer.foundIn ?? answer.tier}`;
  return `${found}, in ${answer.tookMs.toFixed(1)} ms\n${who}${stepsText(answer.steps ?? [])}`;
}

function stepsText(steps: readonly LookupStep[]): string {
  const rows = steps.map((one) => [one.tier, askedText(one), answerText(one), `${one.beganMs.toFixed(1)} ms`, one.tookMs === undefined ? '-' : `${one.tookMs.toFixed(1)} ms`, remarkText(one)]);
  return rows.length === 0 ? '' : `\n${table(['TIER', 'ASKED', 'ANSWER', 'BEGAN AT', 'TOOK', 'REMARK'], rows)}`;
}

function askedText({ peer, asked }: LookupStep): string {
  if (peer !== undefined) return shortPeer(peer);
  return asked === undefined ? '' : count(asked, 'peer');
}

function answerText({ outcome, providers }: LookupStep): string {
  return outcome === 'found' ? count(providers, 'provider') : outcome;
}

function remarkText({ hedged, outcome, why, dropped }: LookupStep): string {
  const remarks = [
    ...(hedged ? ['asked too because the one before was late'] : []),
    ...(outcome === 'waiting' ? ['not waited for; its answer goes to the caches'] : []),
    ...(why === undefined ? [] : [why]),
    ...dropped.map((one) => `left out ${shortPeer(one.peer)}: ${one.why}`),
  ];
  return remarks.join('; ');
}
