import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blobCid, sha256Of } from '@souk/domain';
import { SiteClient } from './site-client.ts';

const cid = blobCid(sha256Of(Buffer.from('a blob')));
const progress = (done: boolean): string => `event: progress\ndata: ${JSON.stringify({ type: 'progress', name: 'x', cid, bytes: 1, total: 1, done })}\n\n`;
const end = `event: done\ndata: ${JSON.stringify({ type: 'done', packages: 1, bytes: 1, tookMs: 1 })}\n\n`;

/** What installing at a site gives that answers so; the pieces arrive one by one. */
async function install(status: number, ...pieces: string[]): Promise<string[]> {
  const server = createServer((_, response) => {
    response.writeHead(status);
    for (const piece of pieces) response.write(piece);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const held: string[] = [];
  try {
    await new SiteClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).install({ x: '1.0.0' }, (one) => void held.push(one));
    return held;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('an install tells of each blob that is held, also when an event arrives in pieces', async () => {
  const event = progress(true);
  expect(await install(200, progress(false), event.slice(0, 20), event.slice(20), end)).toEqual([cid]);
});

test('an install that ends without being done, or with an error, is a failure', async () => {
  await expect(install(200, progress(true))).rejects.toThrow('without saying that it is done');
  const error = { code: 'NO_PROVIDER', message: 'No peer has it.' };
  await expect(install(200, progress(false), `event: error\ndata: ${JSON.stringify(error)}\n\n`)).rejects.toMatchObject({ code: 'NO_PROVIDER' });
});

test('a refusal is thrown as the error that the site says', async () => {
  await expect(install(404, JSON.stringify({ code: 'PACKAGE_NOT_FOUND', message: 'There is no x.' }))).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  await expect(install(502, 'Bad gateway')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
