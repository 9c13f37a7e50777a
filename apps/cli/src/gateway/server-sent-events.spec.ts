import { expect, test } from '@jest/globals';
import { routes } from '@souk/contracts';
import { parseSite, routeUrl } from './route-url.ts';
import { serverSentEvents, type ServerSentEvent } from './server-sent-events.ts';

async function events(text: string, chunk: number): Promise<ServerSentEvent[]> {
  const bytes = Buffer.from(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const found: ServerSentEvent[] = [];
  for await (const event of serverSentEvents(pieces(), 100)) found.push(event);
  return found;
}

test.each([1, 2, 3, 7, 1000])('events come out whole whatever the pieces: %i bytes', async (chunk) => {
  const text = ': a remark\n\nevent: plan\ndata: {"a":\ndata: "ü"}\n\nid: 1\ndata:x\r\n\r\nevent: unfinished\ndata: y\n';
  expect(await events(text, chunk)).toEqual([{ event: 'plan', data: '{"a":\n"ü"}' }, { event: 'message', data: 'x' }]);
});

test('an event without end is refused', async () => {
  await expect(events(`data: ${'x'.repeat(200)}`, 10)).rejects.toMatchObject({ code: 'UNTRUSTED_ANSWER' });
  await expect(events('data: xxxxxxxxxx\n'.repeat(20), 10)).rejects.toMatchObject({ code: 'UNTRUSTED_ANSWER' });
});

test('a scoped name is one segment, a site may lie below a path, and only what was given is asked', () => {
  const site = parseSite('https://example.org/souk/');
  expect(routeUrl(site, routes.getVersion, { params: { name: '@team/page', version: '>=1 <2' } }).href).toBe('https://example.org/souk/v1/packages/%40team%2Fpage/%3E%3D1%20%3C2');
  expect(routeUrl(site, routes.search, { query: { q: 'a b', kind: undefined, limit: 5 } }).href).toBe('https://example.org/souk/v1/search?q=a+b&limit=5');
  expect(() => parseSite('example.org')).toThrow('is not the address of a site');
});
