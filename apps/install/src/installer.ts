import { Injectable } from '@nestjs/common';
import { fetchBlobs, type InstallEvent, type ResolutionInput } from '@souk/contracts';
import { isSoukError } from '@souk/domain';
import { Metrics, PeerReads, type HistogramMetric } from '@souk/nest';
import { Resolver } from './resolver.ts';

/** Has the site hold everything that an install needs, and tells how it goes. */
@Injectable()
export class Installer {
  readonly #seconds: HistogramMetric<'souk_install_seconds'>;

  constructor(
    private readonly peers: PeerReads,
    private readonly resolver: Resolver,
    metrics: Metrics,
  ) {
    this.#seconds = metrics.histogram('souk_install_seconds');
  }

  /** The plan, then progress of each blob, then the end. Throws what resolving and fetching throw; NO_PROVIDER names all that can't be had. */
  async *install(input: ResolutionInput, signal: AbortSignal): AsyncGenerator<InstallEvent> {
    const start = performance.now();
    let code = 'CANCELLED';
    try {
      yield* this.#install(input, signal, start);
      code = 'OK';
    } catch (error) {
      code = isSoukError(error) ? error.code : 'INTERNAL';
      throw error;
    } finally {
      this.#seconds.observe({ code }, (performance.now() - start) / 1000);
    }
  }

  async *#install(input: ResolutionInput, signal: AbortSignal, start: number): AsyncGenerator<InstallEvent> {
    const { packages } = await this.resolver.resolve(input, signal);
    yield { type: 'plan', packages };
    const names = new Map(packages.map((one) => [one.cid, one.name]));
    let bytes = 0;
    const blobs = packages.map(({ cid, name, version }) => ({ cid, name, version }));
    for await (const progress of blobs.length > 0 ? this.peers.stream(fetchBlobs, { blobs }, { signal }) : []) {
      const name = names.get(progress.cid);
      if (name === undefined) continue;
      if (progress.done) bytes += progress.total;
      yield { type: 'progress', name, cid: progress.cid, bytes: progress.bytes, total: progress.total, done: progress.done };
    }
    yield { type: 'done', packages: packages.length, bytes, tookMs: performance.now() - start };
  }
}
