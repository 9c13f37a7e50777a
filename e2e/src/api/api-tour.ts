import { randomBytes } from 'node:crypto';
import { writeCar } from '@souk/archive';
import type { JoinTokenDoc, NetworkStatus, NewJoinToken, NewToken } from '@souk/contracts';
import { formatCharter, fromBase64, joinBytes, joinProof, seedFrom, signCharter, signerOf, toBase64, toWire } from '@souk/domain';
import { author, packed } from '@souk/testing';
import { ApiCaller, type Exchange } from './api-caller.ts';

/** Somebody becomes the administrator of an open site. */
async function accounts(api: ApiCaller): Promise<void> {
  const { token } = await api.call<{ token: NewToken }>('putAccount', { params: { id: 'root' }, body: { role: 'admin' } });
  api.token = token.token;
  await api.call('getCaller');
  await api.call('putAccount', { params: { id: 'ada' }, body: { role: 'publisher', name: 'Ada' } });
  await api.call('listAccounts');
  const { id } = await api.call<NewToken>('postToken', { body: { account: 'ada', scopes: ['read', 'publish'], name: 'laptop', expiresInSeconds: 86_400 } });
  await api.call('listTokens');
  await api.call('deleteToken', { params: { id } });
}

/** Somebody publishes two packages, finds, reads and installs them. */
async function packages(api: ApiCaller): Promise<{ readonly cid: string; readonly publisher: string }> {
  const ada = author('ada');
  const [ms, kit] = [await packed('ms', '2.1.0'), await packed('kit', '1.0.0', { manifest: { description: 'A kit', keywords: ['kit'], license: 'MIT', dependencies: { ms: '^2.0.0' } }, files: { 'README.md': '# kit\n' } })];
  await api.call('postVersions', { body: { versions: [{ name: 'kit', version: '1.0.0' }] } });
  await api.call('postBlobs', { body: writeCar([{ cid: ms.cid, bytes: ms.bytes }]) });
  await api.call('putBlob', { params: { cid: kit.cid }, body: kit.bytes });
  ada.device.write('release', ms.body);
  ada.device.write('release', kit.body);
  await api.call('postRecords', { body: { records: ada.records.map(toWire) } });
  const version = { name: 'kit', version: '1.0.0' };
  await api.call('getVersion', { params: version });
  await api.call('getPackage', { params: { name: 'kit' } });
  await api.call('getTarball', { params: version });
  await api.call('getReadme', { params: version });
  await api.call('getFiles', { params: version });
  await api.call('getProof', { params: version });
  await api.call('getBlob', { params: { cid: kit.cid } });
  await api.call('getStars', { params: { name: 'kit' } });
  await api.call('getPublisher', { params: { id: ada.id } });
  await api.call('getLog', { params: { id: ada.id }, query: { after: '-1', limit: '10' } });
  await api.call('getChanges', { query: { after: '0' } });
  await found(api);
  await api.call('listPackages', { query: { sort: 'name' } });
  await api.call('suggest', { query: { q: 'ki' } });
  await api.call('postResolution', { body: { dependencies: { kit: '^1.0.0' } } });
  await api.call('postInstall', { body: { dependencies: { kit: '^1.0.0' } } });
  return { cid: kit.cid, publisher: ada.id };
}

/** Search follows the peer without anybody waiting for it: of the searches the one that finds is kept. */
async function found(api: ApiCaller): Promise<void> {
  while ((await api.call<{ total: number }>('search', { query: { q: 'kit' } })).total === 0) api.exchanges.pop();
}

async function network(api: ApiCaller, cid: string): Promise<void> {
  const { network: id } = await api.call<NetworkStatus>('getNetwork');
  for (const name of ['getPeers', 'getSupers', 'getLag', 'getScores', 'getStorage', 'postInvite'] as const) await api.call(name);
  await api.call('lookup', { params: { cid } });
  const token = await api.call<NewJoinToken>('postJoinToken', { body: { uses: 2, expiresInSeconds: 3600 } });
  const nonce = new Uint8Array(randomBytes(joinBytes.nonce));
  await api.call('postJoin', { body: { id: token.id, nonce: toBase64(nonce), proof: toBase64(joinProof(fromBase64(token.secret), nonce)) } });
  const { tokens } = await api.call<{ tokens: JoinTokenDoc[] }>('listJoinTokens');
  for (const one of tokens) await api.call('deleteJoinToken', { params: { id: one.id } });
  const charter = signCharter({ network: id, version: 1, at: Date.now(), supers: [], scopes: [], limits: {} }, signerOf(seedFrom('authority')));
  await api.call('putCharter', { body: { text: formatCharter(charter.signed) } });
  await api.call('getCharter');
}

async function policy(api: ApiCaller, publisher: string): Promise<void> {
  await api.call('putBinding', { params: { name: '@team/*' }, body: { publisher } });
  await api.call('listBindings', { query: { by: 'policy' } });
  await api.call('deleteBinding', { params: { name: '@team/*' } });
  await api.call('postBan', { body: { subject: { type: 'publisher', id: publisher }, forSeconds: 3600, reason: 'spam' } });
  await api.call('listBans');
  await api.call('deleteBan', { params: { type: 'publisher', id: publisher } });
  await api.call('postTakedown', { body: { subject: { type: 'version', name: 'ms', version: '2.1.0' }, reason: 'by court order' } });
  await api.call('listTakedowns');
  await api.call('postCheck', { body: {} });
  await api.call('getBackup', { query: { cached: 'no' } });
}

/** Calls every route of the API at a new site, each at least once, in the order in which people come to need them. */
export async function apiTour(url: string): Promise<readonly Exchange[]> {
  const api = new ApiCaller(url);
  await accounts(api);
  const { cid, publisher } = await packages(api);
  await network(api, cid);
  await policy(api, publisher);
  return api.exchanges;
}
