import { expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { addressLine, addressText, failureLine } from './announcement.ts';

const site = { url: 'http://127.0.0.1:7685', peerId: '12D3KooW', multiaddrs: ['/ip4/127.0.0.1/tcp/1'], invite: 'souk1_x' };

test('the address as one JSON line holds exactly what was agreed', () => {
  const line = addressLine(Object.assign({ close: () => undefined }, site));
  expect(line.endsWith('\n')).toBe(true);
  expect(JSON.parse(line)).toEqual(site);
});

test('several gateways are all named, and commands go to the first', () => {
  const several = { ...site, urls: [site.url, 'http://127.0.0.1:7686'] };
  expect(JSON.parse(addressLine(several))).toEqual(several);
  expect(addressText(several)).toContain('Souk is ready at http://127.0.0.1:7685, http://127.0.0.1:7686\n');
});

test('a failure as one JSON line is the error body', () => {
  const line = failureLine(new SoukError('PORT_IN_USE', 'Port 1 is in use.\nReally.', { hint: 'Choose another.' }));
  expect(line.trimEnd()).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({ code: 'PORT_IN_USE', message: 'Port 1 is in use.\nReally.', hint: 'Choose another.' });
  expect(JSON.parse(failureLine(new TypeError('x is not a function')))).toMatchObject({ code: 'INTERNAL' });
});

test('a person gets the address, the invite and three commands that fit the address', () => {
  const commands = (url: string): string[] => addressText({ ...site, url }).match(/^ {2}souk .*$/gm) ?? [];
  expect(addressText(site)).toContain(site.invite);
  expect(commands(site.url)).toHaveLength(3);
  for (const command of commands('http://127.0.0.1:4000')) expect(command).toContain('--site http://127.0.0.1:4000');
});
