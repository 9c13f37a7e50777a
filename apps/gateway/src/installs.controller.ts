import { Body, Controller, Res } from '@nestjs/common';
import { installPackages, readProof, resolvePackages, routes, type ProvenResolution, type Resolution, type ResolutionInput } from '@souk/contracts';
import type { WireRecord } from '@souk/domain';
import { clientSignal, PeerReads, Rpc } from '@souk/nest';
import type { FastifyReply } from 'fastify';
import { sendEvents } from './event-stream.ts';
import { Serves } from './serves.ts';
import { StaleNote } from './stale-note.ts';

/** Packages whose proofs are asked for in one message. */
const proofsPerRequest = 10;

/** Resolutions with their proofs, and installs with their progress. */
@Controller()
export class InstallsController {
  constructor(
    private readonly rpc: Rpc,
    private readonly peers: PeerReads,
    private readonly stale: StaleNote,
  ) {}

  @Serves(routes.postResolution)
  async resolve(@Body({ schema: routes.postResolution.body }) input: ResolutionInput, @Res({ passthrough: true }) reply: FastifyReply): Promise<ProvenResolution> {
    const signal = clientSignal(reply);
    const resolution = await this.rpc.call(resolvePackages, input, { signal });
    return { ...resolution, proof: await this.#proofs(resolution.packages, signal), ...(await this.stale.added()) };
  }

  @Serves(routes.postInstall)
  async install(@Body({ schema: routes.postInstall.body }) input: ResolutionInput, @Res() reply: FastifyReply): Promise<void> {
    await sendEvents(reply, this.rpc.stream(installPackages, input, { signal: clientSignal(reply) }));
  }

  async #proofs(packages: Resolution['packages'], signal: AbortSignal): Promise<WireRecord[]> {
    const records = new Map<string, WireRecord>();
    for (let from = 0; from < packages.length; from += proofsPerRequest) {
      const some = packages.slice(from, from + proofsPerRequest).map(({ name, version }) => ({ name, version }));
      for (const record of (await this.peers.call(readProof, { packages: some }, { signal })).records) records.set(record.header, record);
    }
    return [...records.values()];
  }
}
