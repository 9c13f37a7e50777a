import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clientInstall } from '../closure/client-install.ts';
import type { ClosureCopy } from '../closure/closure-copy.ts';
import { startClosureSites } from '../closure/closure-sites.ts';
import type { Bench } from '../runner/bench.ts';
import { Phases } from '../runner/phases.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';

const full = { recorded: 60, warmUp: 5 };
const quick = { recorded: 6, warmUp: 1 };

/** A plain HTTP server of the same blobs, in this process. */
async function plainServer(copies: readonly ClosureCopy[]): Promise<{ server: Server; base: string }> {
  const blobs = new Map<string, Buffer>(copies.flatMap(({ packages }) => packages.map(({ report, bytes }) => [`/${report.cid}`, bytes] as const)));
  const server = createServer((request, response) => response.end(blobs.get(request.url ?? '')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function setup(bench: Bench): Promise<Trial> {
  const { recorded, warmUp } = bench.quick ? quick : full;
  const sites = await startClosureSites(bench, 'install-closure', recorded + warmUp);
  const { server, base } = await plainServer(sites.copies);
  const phases = new Phases();
  const copyOf = (iteration: number): ClosureCopy => sites.copies[iteration] as ClosureCopy;
  const size = copyOf(0).packages.length;
  const folder = join(bench.scratch, 'install-closure');
  let installed = 0;
  return {
    warmedUp: () => phases.reset(),
    before: async (iteration) => {
      await sites.expectHeld(iteration * size);
      await mkdir(folder);
    },
    run: async (iteration) => {
      installed = await clientInstall(sites.joined.client, copyOf(iteration).dependencies, folder, phases);
    },
    after: async (iteration) => {
      if (installed !== size) throw new Error(`${installed} packages were installed instead of ${size}`);
      await sites.expectHeld((iteration + 1) * size);
      await rm(folder, { recursive: true });
    },
    baseline: async (iteration) => {
      await Promise.all(copyOf(iteration).packages.map(async ({ report }) => (await fetch(`${base}/${report.cid}`)).arrayBuffer()));
    },
    notes: () => [sites.note, phases.note('ms')],
    teardown: async () => {
      server.closeAllConnections();
      server.close();
      await sites.stop();
    },
  };
}

/** An installation of a closure that only another peer holds. */
export const installClosure: Scenario = {
  name: 'first/install-closure',
  unit: 'ms',
  measures: "chalk's closure of six from another peer on loopback: from the request to resolve to all files verified, unpacked and on disk; the client's part runs in this process.",
  target: 2000,
  goal: 300,
  baseline: 'HTTP copy of the same bytes on loopback',
  repetitions: full,
  quick,
  setup,
};
