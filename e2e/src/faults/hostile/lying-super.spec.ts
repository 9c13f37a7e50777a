import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { seedFrom, signerOf, toHex } from '@souk/domain';
import { factsOf, type BlobFacts } from '@souk/testing';
import { RawPeer } from '@souk/testing/hostile';
import { publishSmall } from '../../scenario/kept.ts';
import { Scenario } from '../../scenario/scenario.ts';
import { until } from '../../scenario/until.ts';
import { Measures } from '../measures.ts';
import { peerProcesses } from '../network/peer-processes.ts';
import type { PeerProcess } from '../network/peer-process.ts';
import { runOptions } from '../run-options.ts';
import { DeadAddress, falseProvider, leaseOf, LyingSuper } from './lying-super.ts';

const rounds = runOptions.runs;
jest.setTimeout(300_000 + rounds * 120_000);

const networkKey = seedFrom('network');
const measures = new Measures();
const world = new Scenario();
const peers = peerProcesses();
const leaf = { SOUK_NETWORK_KEY: toHex(networkKey), SOUK_ROLE: 'leaf' };
const [holder, seeker] = [world.site('holder'), world.site('seeker')];
const [ada, ben] = [world.person('ada'), world.person('ben')];
let [honest, late]: PeerProcess[] = [];
let liar: LyingSuper;
let published = 0;

beforeAll(async () => {
  liar = await LyingSuper.start(networkKey);
  [honest, late] = await peers.supers(['honest', 'late']);
  const [one, other] = [honest?.address ?? '', late?.address ?? ''];
  // Two of three are linked to: the liar is one of them where the third comes last.
  await late?.kill();
  ada.at(await holder.with({ ...leaf, SOUK_SUPERS: `${one},${other}` }).start());
  ben.at(await seeker.with({ ...leaf, SOUK_SUPERS: `${liar.address},${one},${other}` }).start());
  await until({ what: 'links to the liar and to an honest super-peer', read: () => linked(), isDone: (links) => links.includes(liar.id) && links.includes(honest?.id ?? '') });
  await late?.restart();
});
afterAll(async () => {
  measures.report('hostile-lying-super');
  await world.end();
  await peers[Symbol.asyncDispose]();
  await liar[Symbol.asyncDispose]();
});

async function linked(): Promise<string[]> {
  return ((await ben.does('network', 'peers')) as { readonly peers: readonly { readonly peer: string }[] }).peers.map(({ peer }) => peer);
}

/** A blob that an honest super-peer has. */
async function held(): Promise<BlobFacts> {
  const [facts] = (await honest?.ask('keeps', { names: ['held'], bytes: 1000 })) ?? [];
  return facts as BlobFacts;
}

/** How often the seeker's metric says this of the liar. */
async function verdicts(verdict: string): Promise<number> {
  const { body } = await seeker.get('/metrics');
  const line = String(body).split('\n').find((one) => one.startsWith('souk_super_answers_total{') && one.includes(`peer="${liar.id}"`) && one.includes(`verdict="${verdict}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

/** Publishes a package at the holder and installs it at the seeker, with the bytes that it was published with; hears of each try. */
async function installOne(tried: () => void): Promise<void> {
  const [name, text] = [`kit-${(published += 1)}`, `// ${published}\n`];
  await publishSmall(ada, world.folder('goods', name), { name }, { 'index.js': text });
  await until({ what: `${name} at the seeker`, read: () => seeker.get(`/v1/packages/${name}/1.0.0`), isDone: ({ status }) => status === 200 });
  // Until its lease has come to the super-peers nobody has it.
  const install = (): Promise<{ readonly code: number }> => ben.souk('install', name).finally(tried);
  await until({ what: `${name} to be installed`, read: install, isDone: ({ code }) => code === 0 });
  expect(readFileSync(join(ben.project, 'souk_modules', name, 'index.js'), 'utf8')).toBe(text);
}

/** Installs one package after the other until the metric says that the liar was found out: it is not always the first that is asked. */
async function foundOut(verdict: string, tried: () => void = () => undefined): Promise<void> {
  const [since, before] = [performance.now(), await verdicts(verdict)];
  while ((await verdicts(verdict)) === before) await installOne(tried);
  measures.note(`souk_super_answers_total says ${verdict}`, performance.now() - since);
}

/** A leaf that knows no super-peer but the liar. */
async function alone(): Promise<PeerProcess> {
  const peer = await peers.peer({ name: `alone ${(published += 1)}`, role: 'leaf', supers: [liar.address], limits: { dhtMs: 500 } });
  await peer.ask('hasSupers', 1);
  return peer;
}

test('a super-peer that leaves out what there is: it is found through the second one, and the metric says so; with that one alone it is not found', async () => {
  const facts = await held();
  for (let round = 0; round < rounds; round += 1) {
    liar.names();
    await foundOut('omitted');
    const deceived = await alone();
    expect(await deceived.ask('lookup', facts.cid)).toMatchObject({ tier: 'none', providers: [] });
    await deceived.kill();
  }
});

test('a super-peer that names a peer that is gone: it costs an install one dial at most, and the metric says so; with that one alone nothing is delivered', async () => {
  const facts = await held();
  await using dead = await DeadAddress.open();
  const gone = leaseOf(signerOf(seedFrom('peer/gone')), dead.address);
  for (let round = 0; round < rounds; round += 1) {
    liar.names(gone);
    const dials: number[] = [];
    await foundOut('dead', () => void dials.push(dead.takeDials()));
    expect(Math.max(...dials)).toBe(1);
    const deceived = await alone();
    await expect(deceived.ask('fetch', facts)).rejects.toMatchObject({ code: 'NO_PROVIDER', details: { failures: [{ peer: gone.peer, outcome: 'unreachable' }] } });
    await deceived.kill();
  }
});

test('a super-peer that invents providers, one of wrong bytes and one of none: what is installed is what was published, and the metric says so; who takes what is delivered as it comes has something else', async () => {
  await using evil = await falseProvider('evil', networkKey);
  await using empty = await falseProvider('empty', networkKey, { isEmpty: true });
  const facts = await held();
  for (let round = 0; round < rounds; round += 1) {
    liar.names(leaseOf(evil.signer, evil.address), leaseOf(empty.signer, empty.address));
    await foundOut('invented');
    await using careless = await RawPeer.start({ name: 'careless', networkKey });
    const stream = await careless.open(await careless.connect(evil.address), protocols.blob);
    expect(await stream.ask({ t: 'get?', cid: facts.cid, offset: 0, length: facts.size })).toMatchObject({ t: 'size', size: facts.size });
    expect(factsOf((await stream.next())?.['bytes'] as Uint8Array).cid).not.toBe(facts.cid);
  }
});
