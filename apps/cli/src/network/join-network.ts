import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatInvite, formatJoinToken, isJoinToken, JoinTokenId, parseInvite, parseJoinToken, routes, type Invite } from '@souk/contracts';
import { fromBase64, joinBytes, joinProof, networkIdOf, openAnswer, SoukError, toBase64 } from '@souk/domain';
import { readBelonging, writeDurably } from '@souk/store';
import type { Context } from '../context.ts';
import { onDisk } from '../home/on-disk.ts';
import { inText } from '../output/ago.ts';
import { facts, table } from '../output/table.ts';
import { secondsIn } from '../duration.ts';
import { dataFolderPath } from '../site/data-folder-path.ts';
import { heldCharter, networkKey, openNetworkFolder } from './network-folder.ts';

/** Most addresses that an invite carries. */
const maxAddresses = 16;

/** Joins by an invite, or by a join token, which is exchanged for one. */
export async function joinBy(context: Context, text: string, data: string | undefined): Promise<void> {
  return joinNetwork(context, isJoinToken(text.trim()) ? await redeemed(context, text.trim()) : parseInvite(text.trim()), data);
}

/** The invite that a join token is exchanged for. Neither the token's secret nor the invite is readable on the way, whatever lies between. */
async function redeemed({ host, home }: Context, text: string): Promise<Invite> {
  const { url, id, secret } = parseJoinToken(text);
  const nonce = new Uint8Array(randomBytes(joinBytes.nonce));
  const { openGateway } = await import('../gateway/open-gateway.ts');
  // A token of another site is no business of this one.
  const gateway = await openGateway({ ...host, env: { ...host.env, SOUK_TOKEN: '' } }, home, { site: url });
  try {
    const { sealed } = await gateway.call(routes.postJoin, { body: { id, nonce: toBase64(nonce), proof: toBase64(joinProof(secret, nonce)) } });
    return parseInvite(new TextDecoder().decode(openAnswer(secret, nonce, fromBase64(sealed))));
  } finally {
    gateway.close();
  }
}

/** Options of `souk network token`. */
export interface TokenOptions {
  readonly uses?: string;
  readonly expires?: string;
  readonly url?: string;
  readonly list?: boolean;
  readonly revoke?: string;
}

/** `souk network token`: makes a join token at the site and prints it, lists those that count, or ends one. */
export async function joinTokens(context: Context, options: TokenOptions): Promise<void> {
  if (options.list === true && options.revoke !== undefined) throw new SoukError('BAD_REQUEST', 'Either list tokens or revoke one.', { hint: 'Use --list or --revoke ID.' });
  if (options.list === true) return listTokens(context);
  if (options.revoke !== undefined) return revokeToken(context, options.revoke);
  return printJoinToken(context, options);
}

async function listTokens(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.listJoinTokens, {});
  const rows = answer.tokens.map((one) => [one.id, String(one.left), `${one.expiresAt} (${inText(one.expiresAt, context.host.now())})`]);
  context.out.answer(answer, () => table(['ID', 'MAY STILL JOIN', 'ENDS'], rows) || 'No join token counts now. Make one: souk network token\n');
}

async function revokeToken(context: Context, id: string): Promise<void> {
  if (!JoinTokenId.safeParse({ id }).success) throw new SoukError('BAD_REQUEST', `"${id.slice(0, 80)}" is not the id of a join token.`, { hint: 'An id has 16 hexadecimal digits; see souk network token --list.' });
  const ended = await (await context.gateway()).call(routes.deleteJoinToken, { params: { id } });
  context.out.answer(ended, () => `Nobody joins by ${ended.id} any more\n`);
  context.out.note('Who joined by it before is still in the network: what it was exchanged for is the network key.');
}

async function printJoinToken(context: Context, { uses = '1', expires = '1d', url }: TokenOptions): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(uses)) throw new SoukError('BAD_REQUEST', `"${uses.slice(0, 40)}" is not how often a token can be used.`, { hint: 'Use a number from 1 to 1000.' });
  const gateway = await context.gateway();
  const made = await gateway.call(routes.postJoinToken, { body: { uses: Number(uses), expiresInSeconds: secondsIn(expires) } });
  const token = formatJoinToken({ url: url ?? gateway.site.origin, id: made.id, secret: fromBase64(made.secret) });
  context.out.answer({ token, id: made.id, uses: made.uses, expiresAt: made.expiresAt }, () => `${token}\n`);
  context.out.note(`It lets ${made.uses === 1 ? 'one peer' : `${made.uses} peers`} join until ${made.expiresAt}. There: souk network join TOKEN. To end it: souk network token --revoke ${made.id}`);
}

/** Keeps an invite in a data folder, for the site that starts there. Throws BAD_INVITE when the folder belongs to another network. */
async function joinNetwork(context: Context, invite: Invite, data: string | undefined): Promise<void> {
  const folder = dataFolderPath(context, data);
  const network = networkIdOf(invite.networkKey);
  const belongs = await readBelonging(folder);
  if (belongs !== undefined && belongs !== network) {
    throw new SoukError('BAD_INVITE', `The data in ${folder} belong to another network (${belongs}).`, { hint: 'Join with a new data folder: --data FOLDER.', details: { network, belongs } });
  }
  await onDisk(`Writing into ${folder}`, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(join(folder, 'invite'), new TextEncoder().encode(`${formatInvite(invite)}\n`), 'replace');
  });
  const answer = { data: folder, network, ...(invite.authority === undefined ? {} : { authority: invite.authority }), addresses: invite.addresses };
  context.out.answer(answer, () => facts([['network', network], ['data', folder], ['peers', invite.addresses.join(', ')], ...(invite.authority === undefined ? [] : [['authority', invite.authority] as const])]));
  context.out.note('Start the site there: souk up. One that runs already joins when it is started again.');
}

/** Prints the invite of a network whose folder is on this machine: its super-peers, its key, and who signs its charters. */
export async function inviteFromFolder(context: Context, dir: string): Promise<string> {
  const folder = await openNetworkFolder(context, dir);
  const charter = await heldCharter(folder);
  const addresses = charter.supers.flatMap(({ peer, addresses: all }) => all.slice(0, 1).map((address) => `${address}/p2p/${peer}`)).slice(0, maxAddresses);
  if (addresses.length === 0) throw new SoukError('BAD_REQUEST', 'The charter names no super-peer yet, so there is nobody to join.', { hint: 'Start one, then: souk network amend --super ADDRESS. Or use the invite of a site: souk network invite.' });
  return formatInvite({ addresses, networkKey: await networkKey(folder), authority: charter.authority });
}

