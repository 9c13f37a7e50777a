import { expect, test } from '@jest/globals';
import { Catalogue, MemoryLogStore, sha256Of, toHex, type KeyId } from '@souk/domain';
import { author, LogWriter, type Author } from '@souk/testing';
import { publisherDoc } from './publisher-doc.ts';

async function docOf(id: KeyId, ...authors: Author[]): ReturnType<typeof publisherDoc> {
  const logs = new MemoryLogStore({ now: () => 0 });
  for (const one of authors) await logs.append([...one.records]);
  return publisherDoc(logs, new Catalogue(logs), id);
}

test('lists root and device keys with their heads, and the highest clock, by any of the keys', async () => {
  const ada = author('ada');
  const release = ada.releases('mitt', '1.0.0');
  const doc = await docOf(ada.id, ada);
  expect(doc).toEqual({
    id: ada.id,
    clock: release.fields.clock,
    keys: [
      { key: ada.root.key, role: 'root', standing: 'good', head: { key: ada.root.key, seq: 1, hash: expect.any(String) } },
      { key: ada.device.key, role: 'device', standing: 'good', head: { key: ada.device.key, seq: 1, hash: toHex(release.hash) } },
    ],
  });
  expect(await docOf(ada.device.key, ada)).toEqual(doc);
});

test('a delegated key without records is in good standing, a revoked one is not', async () => {
  const ada = author('ada');
  const [ci, old] = [new LogWriter('ada/ci'), new LogWriter('ada/old')];
  ada.root.write('delegate', { key: ci.key, name: 'ci' });
  ada.root.write('delegate', { key: old.key, name: 'old' });
  ada.root.write('revoke', { key: old.key, lastSeq: -1, lastHash: null });
  ada.root.write('revoke', { key: ada.device.key, lastSeq: 0, lastHash: sha256Of(ada.device.records[0]?.header ?? new Uint8Array()) });
  const standing = Object.fromEntries((await docOf(ada.id, ada)).keys.map((one) => [one.key, one.standing]));
  expect(standing).toEqual({ [ada.root.key]: 'good', [ada.device.key]: 'ended', [ci.key]: 'good', [old.key]: 'ended' });
});

test('nobody knows a key without records', async () => {
  await expect(docOf(author('ben').id, author('ada'))).rejects.toMatchObject({ code: 'PUBLISHER_NOT_FOUND' });
});
