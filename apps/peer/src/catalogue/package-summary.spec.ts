import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Catalogue, MemoryLogStore } from '@souk/domain';
import { author, epoch } from '@souk/testing';
import { packageSummary, summaryRules } from './package-summary.ts';

test('the rules have a new number when they say something else of the same records', async () => {
  const logs = new MemoryLogStore({ now: () => epoch });
  const [ada, eve] = [author('ada'), author('eve')];
  ada.releases('kit', '1.0.0', { keywords: ['old'] });
  ada.releases('kit', '1.1.0-rc.1', { description: 'next' });
  ada.releases('kit', '1.0.0', { blob: new TextEncoder().encode('other bytes') });
  ada.releases('yanked', '1.0.0');
  ada.device.write('retract', { name: 'yanked', version: '1.0.0', how: 'yank', reason: 'broken' });
  ada.releases('old', '1.0.0', { kind: 'template' });
  ada.device.write('retract', { name: 'old', version: '1.0.0', how: 'deprecate', reason: 'use kit' });
  ada.releases('tagged', '1.0.0');
  ada.releases('tagged', '2.0.0');
  ada.device.write('tag', { name: 'tagged', tag: 'latest', version: '1.0.0' });
  eve.releases('kit', '9.0.0');
  eve.releases('kit-of-eve', '1.0.0');
  ada.root.clock = ada.device.clock;
  eve.root.clock = eve.device.clock;
  eve.root.write('revoke', { key: eve.device.key, lastSeq: 1, lastHash: null });
  await logs.append([...ada.records, ...eve.records]);
  const catalogue = new Catalogue(logs);
  const said = await Promise.all((await catalogue.names(undefined, 100)).map(async (name) => [name, packageSummary(await catalogue.package(name)) ?? null]));
  const digest = createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 16);
  // Another digest means other summaries: raise `summaryRules`, and write both here, so that none that were kept before are told.
  expect([summaryRules, digest]).toEqual(['1', 'fbcb44a7009219a7']);
});
