import { routes } from '@souk/contracts';
import { parseCid, SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { count } from '../output/printable.ts';
import { facts, table } from '../output/table.ts';

/** `souk network [status|peers|lookup CID|invite]`: what the site's peer knows of its network. */
export const network: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', 'status (default), peers, lookup CID or invite', 'status')
      .argument('[cid]', 'the blob to look up')
      .action((verb: string, cid?: string) => start((context) => show(context, verb, cid)));
  },
};

async function show(context: Context, verb: string, cid: string | undefined): Promise<void> {
  if (verb === 'status') return status(context);
  if (verb === 'peers') return peers(context);
  if (verb === 'invite') return invite(context);
  if (verb === 'lookup' && cid !== undefined) return lookup(context, cid);
  throw new SoukError('BAD_REQUEST', verb === 'lookup' ? 'Look up which blob?' : `souk network ${verb} is not understood.`, { hint: 'Use status, peers, lookup CID or invite.' });
}

async function status(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.getNetwork, {});
  context.out.answer(answer, () =>
    facts([
      ['peer', answer.peerId],
      ['role', answer.role],
      ['network', answer.network],
      ['addresses', answer.multiaddrs.join(', ')],
      ['links', answer.supers === undefined || answer.supers.length === 0 ? String(answer.links) : `${answer.links}, ${count(answer.supers.length, 'super-peer')} among them`],
      ...(answer.index ? [['index', `${count(answer.index.leases, 'peer')}, ${count(answer.index.cids, 'blob')}`] as const] : []),
      ['holds', `${count(answer.logs, 'log')}, ${count(answer.records, 'record')}, ${count(answer.blobs, 'blob')}`],
      ['head root', answer.headRoot],
    ]),
  );
}

async function peers(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.getPeers, {});
  const rows = answer.peers.map((one) => [one.peer, one.direction, one.inSync ? 'in sync' : 'behind', one.latencyMs === undefined ? '' : `${one.latencyMs.toFixed(0)} ms`, one.score?.toFixed(2) ?? '', one.addresses.join(', ')]);
  context.out.answer(answer, () => (rows.length === 0 ? 'No links to other peers. Invite one: souk network invite\n' : table(['PEER', 'LINK', 'RECORDS', 'LATENCY', 'SCORE', 'ADDRESSES'], rows)));
}

async function lookup(context: Context, text: string): Promise<void> {
  const answer = await (await context.gateway()).call(routes.lookup, { params: { cid: parseCid(text) } });
  context.out.answer(answer, () => {
    const who = answer.providers.map((one) => `${one.peer}\n`).join('');
    return `${count(answer.providers.length, 'provider')}, known by ${answer.foundIn ?? answer.tier}, in ${answer.tookMs.toFixed(1)} ms\n${who}`;
  });
}

async function invite(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.postInvite, {});
  context.out.answer(answer, () => `${answer.invite}\n`);
  context.out.note('Whoever has this line can join the network and read all that is published in it. There: souk up --join LINE');
}
