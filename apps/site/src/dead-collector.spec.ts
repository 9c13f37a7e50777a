import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { toWire } from '@souk/domain';
import { author, packed } from '@souk/testing';
import { loadSiteSettings } from './config.ts';
import { startSite } from './site.ts';

test('a site whose collector takes connections and never answers publishes, installs and stops as ever', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'souk-site-'));
  const sockets = new Set<Socket>();
  const hole = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(hole.address() as AddressInfo).port}`;
  const site = await startSite(loadSiteSettings({ SOUK_DATA: join(folder, 'data'), SOUK_PORT: '0', SOUK_P2P_HOST: '127.0.0.1', SOUK_LOG_LEVEL: 'silent', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }));
  const [ada, kit] = [author('ada'), await packed('kit', '1.0.0')];
  const upload = await fetch(`${site.url}/v1/blobs/${kit.cid}`, { method: 'PUT', body: kit.bytes, headers: { 'content-type': 'application/octet-stream' } });
  ada.device.write('release', kit.body);
  const append = await fetch(`${site.url}/v1/records`, { method: 'POST', body: JSON.stringify({ records: ada.records.map(toWire) }), headers: { 'content-type': 'application/json' } });
  const install = await fetch(`${site.url}/v1/installs`, { method: 'POST', body: JSON.stringify({ dependencies: { kit: '*' } }), headers: { 'content-type': 'application/json' } });
  expect([upload.status, append.status, await install.text()]).toEqual([201, 201, expect.stringMatching(/"type":"done","packages":1/)]);
  // It was there to be asked, and so nobody waited for it: what waits is given up when the site stops.
  await site.close();
  expect(sockets.size).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => hole.close(resolve));
  await rm(folder, { recursive: true, force: true });
});
