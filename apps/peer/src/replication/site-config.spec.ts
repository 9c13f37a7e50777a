import { expect, test } from '@jest/globals';
import { loadConfig } from '@souk/nest';
import { siteConfig, sitePlace } from './site-config.ts';

const ordinalOf = (SOUK_ORDINAL: string): number => loadConfig(siteConfig, { SOUK_ORDINAL }).ordinal;

test.each([
  ['', 0],
  ['2', 2],
  ['souk-peer-0', 0],
  ['souk-peer-2', 2],
  ['team-7-souk-peer-63', 63],
])('the ordinal of %p is %d', (text, ordinal) => {
  expect(ordinalOf(text)).toBe(ordinal);
});

test.each(['-1', '1.5', '64', 'souk-peer-64', 'souk-peer', 'souk-peer-', 'souk-peer-1a', 'peer2', 'Souk-2', '9999999999'])('%p is no ordinal', (text) => {
  expect(() => ordinalOf(text)).toThrow(/SOUK_ORDINAL=.*: expected /);
});

test('a pod beyond the number of peers does not start', () => {
  const place = (env: Record<string, string>): unknown => sitePlace(loadConfig(siteConfig, env));
  expect(place({ SOUK_ORDINAL: 'souk-peer-1', SOUK_PEERS: '2' })).toEqual({ ordinal: 1, peers: 2, copies: 2 });
  expect(() => place({ SOUK_ORDINAL: 'souk-peer-2', SOUK_PEERS: '2' })).toThrow('SOUK_ORDINAL is 2, but the site has 2 peers.');
});
