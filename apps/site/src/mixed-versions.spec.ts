import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { appendRecords, headMoved, readCandidates, readChanges, readKnown, readProof, readSelf, readVersion, resolvePackages, searchPackages, type RequestContract } from '@souk/contracts';
import { toWire } from '@souk/domain';
import { InstallModule, installConfig } from '@souk/install/module';
import { bootstrap, Handles, InProcessBroker, loadConfig, Readiness, Rpc, silentLog, type RunningService } from '@souk/nest';
import { PeerModule, peerConfig } from '@souk/peer/module';
import { SearchModule, searchConfig } from '@souk/search/module';
import { author, packed } from '@souk/testing';
import { NatsServer, natsTest } from '@souk/testing/nats';
import type { Released } from '@souk/testing/skew';
import { z } from 'zod';

const folder = new URL('../../../libs/contracts/released/', import.meta.url);
const [name = ''] = (await readdir(folder)).toSorted().slice(-1);
const released = JSON.parse(await readFile(new URL(name, folder), 'utf8')) as Released;

/** A request as the newest released version knows it: by the schemas that were kept of it, whatever today's say. */
function asReleased<C extends RequestContract>(contract: C): C {
  const schema = (part: string): z.ZodType => {
    const kept = released.contracts[`request ${contract.subject} ${part}`];
    if (!kept) throw new Error(`${released.version} does not know ${contract.subject}`);
    return z.fromJSONSchema(kept.reads as Parameters<typeof z.fromJSONSchema>[0]);
  };
  return { ...contract, input: schema('input'), output: schema('answer') };
}

/** The peer that the one of the released version stands before. */
let behind: Rpc;

/** A peer service of the released version, as its neighbours see it: what it is asked and what it answers goes through the schemas of that time. */
@Controller()
class ReleasedPeer {
  @Handles(asReleased(readChanges))
  changes(input: z.infer<typeof readChanges.input>): Promise<z.infer<typeof readChanges.output>> {
    return behind.call(readChanges, input);
  }

  @Handles(asReleased(readCandidates))
  candidates(input: z.infer<typeof readCandidates.input>): Promise<z.infer<typeof readCandidates.output>> {
    return behind.call(readCandidates, input);
  }

  @Handles(asReleased(readVersion))
  version(input: z.infer<typeof readVersion.input>): Promise<z.infer<typeof readVersion.output>> {
    return behind.call(readVersion, input);
  }
}

@Module({ controllers: [ReleasedPeer] })
class ReleasedPeerModule {}
class ReleasedGatewayModule {}

let data: string;
let running: RunningService[];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'souk-mixed-'));
  running = [];
});
afterEach(async () => {
  for (const one of running.toReversed()) await one.close();
  await rm(data, { recursive: true, force: true });
});

async function started(...args: Parameters<typeof bootstrap>): Promise<RunningService> {
  const service = await bootstrap(...args);
  running.push(service);
  return service;
}

natsTest('services of today between a gateway and a peer of the last released version: records are appended, found, read and resolved', async () => {
  await using nats = await NatsServer.start();
  const options = { transport: { type: 'nats' as const, servers: [{ host: '127.0.0.1', port: nats.port }] }, log: silentLog };
  const own = { transport: { type: 'in-process' as const, broker: new InProcessBroker() }, log: silentLog };
  const config = loadConfig(peerConfig, { SOUK_DATA: data, SOUK_SITE_SECRET: 'secret-of-this-site', SOUK_P2P_HOST: '127.0.0.1', SOUK_NETWORK: 'open' });
  const peer = await started(PeerModule.with(config), { ...own, name: 'peer' });
  await peer.app.get(Readiness).whenReady();
  behind = peer.app.get(Rpc);
  await started(ReleasedPeerModule, { ...options, name: 'peer' });
  const search = await started(SearchModule.with(loadConfig(searchConfig, {})), { ...options, name: 'search' });
  await started(InstallModule.with(loadConfig(installConfig, {})), { ...options, name: 'install' });
  const gateway = (await started(ReleasedGatewayModule, { ...options, name: 'gateway' })).app.get(Rpc);

  const ada = author('ada');
  const kit = await packed('kit', '1.0.0', { manifest: { description: 'An old friend' } });
  const { blobs } = await behind.call(readSelf, {});
  await fetch(`${blobs.url}/blobs/${kit.cid}`, { method: 'PUT', body: kit.bytes, headers: { authorization: 'Bearer secret-of-this-site', 'content-type': 'application/octet-stream' } });
  ada.device.write('release', kit.body);
  // The newest peer takes what the released gateway sends, too.
  const older = running[0]?.app.get(Rpc) as Rpc;
  expect(await older.call(asReleased(appendRecords), { records: ada.records.map(toWire) })).toMatchObject({ added: 4 });
  await gateway.emit(headMoved, { ordinal: 0, arrival: 4 });
  await search.app.get(Readiness).whenReady();
  const find = (): Promise<{ total: number }> => gateway.call(asReleased(searchPackages), { q: 'friend' } as never);
  while ((await find()).total === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await find()).toMatchObject({ total: 1, items: [{ name: 'kit', publisher: ada.id }] });
  expect(await gateway.call(asReleased(readVersion), { name: 'kit', version: 'latest' } as never)).toMatchObject({ cid: kit.cid });
  expect(await gateway.call(asReleased(resolvePackages), { dependencies: { kit: '^1.0.0' } } as never)).toMatchObject({ packages: [{ name: 'kit', version: '1.0.0' }] });
  expect(await older.call(asReleased(readProof), { packages: [{ name: 'kit', version: '1.0.0' }] } as never)).toMatchObject({ records: expect.any(Array) });
  expect(await older.call(asReleased(readKnown), { versions: [{ name: 'kit', version: '1.0.0' }] } as never)).toMatchObject({ known: [{ bound: { cid: kit.cid } }] });
});
