import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { openDataFolder } from '@souk/store';
import { cidOf, gather, inFolder, toArray } from '@souk/testing/conformance';

/**
 * What the child runs, on the same sources: it keeps two cached blobs, then evicts and is killed in the middle: while it withdraws the
 * first one, or when that is deleted but the ledger does not know it yet.
 */
const program = `
  import { blobCid, sha256Of } from '@souk/domain';
  import { openDataFolder } from '@souk/store';
  import { Evictor } from ${JSON.stringify(new URL('./evictor.ts', import.meta.url).href)};
  const [folder, when] = process.argv.slice(1);
  const die = () => process.kill(process.pid, 'SIGKILL');
  const { blobs, ledger } = await openDataFolder(folder);
  for (const [at, text] of ['first', 'second'].entries()) {
    const bytes = new TextEncoder().encode(text);
    const draft = await blobs.draft({ maxBytes: 100 });
    await draft.write(bytes);
    const cid = blobCid(sha256Of(bytes));
    await draft.commit(cid);
    await ledger.name([{ cid, as: 'known' }]);
    await ledger.put(cid, bytes.length, at);
  }
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const dying = { get: (cid) => ledger.get(cid), leastUsed: (limit) => ledger.leastUsed(limit), remove: async () => die() };
  const evictor = new Evictor({ blobs, ledger: when === 'struck' ? dying : ledger, log, catchUp: async () => {}, onDropped() {}, onUneven() {} });
  if (when === 'withdrawn') evictor.withdrawBy(async () => die());
  await evictor.evict(() => 1);
`;

async function killed(folder: string, when: string): Promise<void> {
  const words = ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program, folder, when];
  const child = spawn(process.execPath, words, { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'inherit', 'inherit'] });
  expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
}

const cidOfText = (text: string) => cidOf(new TextEncoder().encode(text));
const [first, second] = [cidOfText('first'), cidOfText('second')];

test('killed between withdrawing and deleting: the blob is here, whole, and counted', async () => {
  await inFolder(async (folder) => {
    await killed(folder, 'withdrawn');
    const { blobs, ledger, close } = await openDataFolder(folder);
    expect((await toArray(blobs.list())).sort()).toEqual([first, second].sort());
    expect(new TextDecoder().decode(await gather(await blobs.read(first)))).toBe('first');
    expect(await ledger.level(blobs.list(), (cid) => blobs.size(cid), 9)).toEqual({ added: 0, removed: 0 });
    expect(ledger.usage().cached).toEqual({ blobs: 2, bytes: 11 });
    await close();
  });
});

test('killed between deleting and striking off: levelling strikes it off', async () => {
  await inFolder(async (folder) => {
    await killed(folder, 'struck');
    const { blobs, ledger, close } = await openDataFolder(folder);
    expect(await toArray(blobs.list())).toEqual([second]);
    expect(ledger.usage().cached).toEqual({ blobs: 2, bytes: 11 });
    expect(await ledger.level(blobs.list(), (cid) => blobs.size(cid), 9)).toEqual({ added: 0, removed: 1 });
    expect(ledger.usage().cached).toEqual({ blobs: 1, bytes: 6 });
    await close();
  });
});
