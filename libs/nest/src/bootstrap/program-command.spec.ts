import { expect, test } from '@jest/globals';
import { programCommand } from './program-command.ts';

test('a service finds its compiled code beside its bundle, wherever that was brought', () => {
  const { words, env } = programCommand('search', '/opt/souk/search.mjs');
  expect(words.at(-1)).toBe('/opt/souk/search.mjs');
  expect(env).toEqual({ NODE_COMPILE_CACHE: '/opt/souk/compiled', NODE_COMPILE_CACHE_PORTABLE: '1' });
});

test('only a peer, of which there may be many, is held short of memory for young objects', () => {
  const isBounded = (word: string): boolean => word.startsWith('--max-semi-space-size=');
  expect(programCommand('peer', '/opt/souk/peer.mjs').words.filter(isBounded)).toHaveLength(1);
  expect(programCommand('gateway', '/opt/souk/gateway.mjs').words.filter(isBounded)).toEqual([]);
});
