import { routes } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { amendCharter, createNetwork, type CharterOptions } from '../network/change-charter.ts';
import { inviteFromFolder, joinBy, joinTokens } from '../network/join-network.ts';
import { showCharter } from '../network/show-charter.ts';
import { showLag } from '../network/show-lag.ts';
import { showLookup } from '../network/show-lookup.ts';
import { showStatus } from '../network/show-status.ts';
import { showSupers } from '../network/show-supers.ts';
import { table } from '../output/table.ts';

const verbs = 'status, peers, supers, lookup CID, lag, invite, token, join INVITE|TOKEN, create, amend or charter [FILE]';

interface NetworkOptions extends CharterOptions {
  readonly data?: string;
  readonly uses?: string;
  readonly expires?: string;
  readonly url?: string;
  readonly list?: boolean;
  readonly revoke?: string;
}

const listed = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** `souk network`: what the site's peer knows of its network; makes networks, charters and invites, and joins. */
export const network: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', verbs, 'status')
      .argument('[what]', 'the blob to look up, the invite to join by, the file of a charter')
      .option('--data <folder>', 'join: data folder of the site (default SOUK_DATA, else SOUK_HOME/site)')
      .option('--uses <n>', 'token: how often it can be used', '1')
      .option('--expires <time>', 'token: how long it lasts, as in 12h or 7d', '1d')
      .option('--url <url>', 'token: where the site is reached by whoever joins (default: as it is from here)')
      .option('--list', 'token: those that count still')
      .option('--revoke <id>', 'token: end one')
      .option('--dir <folder>', 'create, amend, invite: where keys and charter of a network lie (default SOUK_HOME/network)')
      .option('--of <invite>', 'create: a charter for the network of this invite, instead of a new network')
      .option('--super <address>', 'create, amend: a super-peer, as /dns4/HOST/tcp/PORT/p2p/ID; may be given again', listed)
      .option('--drop-super <peer>', 'amend: a super-peer that is none any more; may be given again', listed)
      .option('--scope <binding>', 'create, amend: @team/*=PUBLISHER, binding at every site; may be given again', listed)
      .option('--drop-scope <name>', 'amend: a binding that ends; may be given again', listed)
      .option('--limit <limit>', 'create, amend: logs=N, names=N or bytes=N that a peer may introduce in a day; may be given again', listed)
      .action((verb: string, what: string | undefined, options: NetworkOptions) => start((context) => act(context, verb, what, options)));
  },
};

async function act(context: Context, verb: string, what: string | undefined, options: NetworkOptions): Promise<void> {
  if (verb === 'status') return showStatus(context);
  if (verb === 'peers') return peers(context);
  if (verb === 'supers') return showSupers(context);
  if (verb === 'lag') return showLag(context);
  if (verb === 'invite') return invite(context, options.dir);
  if (verb === 'create') return createNetwork(context, options);
  if (verb === 'amend') return amendCharter(context, options);
  if (verb === 'charter') return showCharter(context, what);
  if (verb === 'lookup' && what !== undefined) return showLookup(context, what);
  if (verb === 'token') return joinTokens(context, options);
  if (verb === 'join' && what !== undefined) return joinBy(context, what, options.data);
  const missing: Readonly<Record<string, string>> = { lookup: 'Look up which blob?', join: 'Join by which invite?' };
  throw new SoukError('BAD_REQUEST', missing[verb] ?? `souk network ${verb} is not understood.`, { hint: `Use ${verbs}.` });
}

async function peers(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.getPeers, {});
  const rows = answer.peers.map((one) => [one.peer, one.direction, one.inSync ? 'in sync' : 'behind', one.latencyMs === undefined ? '' : `${one.latencyMs.toFixed(0)} ms`, one.score?.toFixed(2) ?? '', one.addresses.join(', ')]);
  context.out.answer(answer, () => (rows.length === 0 ? 'No links to other peers. Invite one: souk network invite\n' : table(['PEER', 'LINK', 'RECORDS', 'LATENCY', 'SCORE', 'ADDRESSES'], rows)));
}

async function invite(context: Context, dir: string | undefined): Promise<void> {
  const answer = dir === undefined ? await (await context.gateway()).call(routes.postInvite, {}) : { invite: await inviteFromFolder(context, dir) };
  context.out.answer(answer, () => `${answer.invite}\n`);
  context.out.note('Whoever has this line can join the network and read all that is published in it. There: souk up --join LINE');
}
