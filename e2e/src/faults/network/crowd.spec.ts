import { afterAll, expect, jest, test } from '@jest/globals';
import type { PeerLimits } from '@souk/p2p';
import { AskedProcess } from '@souk/testing/processes';
import { Measures } from '../measures.ts';
import { runOptions } from '../run-options.ts';
import type { CrowdHost } from './crowd-host.ts';

const rounds = runOptions.runs;
jest.setTimeout(1_200_000 + rounds * 1_200_000);

const measures = new Measures();
afterAll(() => measures.report('network-crowd'));

const leaves = 1250;
const hosts = 2;
/** What libp2p itself lets in unless it is told otherwise: connections a second from one address, and handshakes at once. */
const usualLimits: Partial<PeerLimits> = { inboundPerSecond: 5, pendingInbound: 10 };

const hostProcess = (): AskedProcess<CrowdHost> => new AskedProcess<CrowdHost>(new URL('./crowd-host.ts', import.meta.url));

/** A super-peer with all leaves linked and leased; it can be killed and started again where it was. */
class Crowd implements AsyncDisposable {
  readonly hosts = Array.from({ length: hosts }, hostProcess);
  #super = hostProcess();
  #address: string | undefined;

  get superPeer(): AskedProcess<CrowdHost> {
    return this.#super;
  }

  /** Starts the super-peer, again where it was before. */
  async open(limits: Partial<PeerLimits> = {}): Promise<void> {
    this.#address = await this.#super.ask('start', { role: 'super', name: 'super', count: 1, limits, ...(this.#address ? { listen: this.#address.split('/p2p/')[0] as string } : {}) });
  }

  /** Starts the leaves and waits until they are linked and leased. */
  async gather(): Promise<void> {
    const supers = [this.#address as string];
    await Promise.all(this.hosts.map((host, at) => host.ask('start', { role: 'leaf', name: `host ${at}`, count: leaves / hosts, supers })));
    await this.settled();
  }

  /** Waits until every leaf is linked and leased. */
  async settled(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.ask('linked', undefined)));
    await this.#super.ask('indexed', leaves);
  }

  /** How many leaves are linked now, and how many of their dials were turned away since this was asked last. */
  async standing(): Promise<{ linked: number; turnedAway: number }> {
    const all = await Promise.all(this.hosts.map((host) => host.ask('standing', undefined)));
    return { linked: all.reduce((sum, one) => sum + one.linked, 0), turnedAway: all.reduce((sum, one) => sum + one.turnedAway, 0) };
  }

  /** Kills the super-peer. */
  async kill(): Promise<void> {
    await this.#super.stop();
    this.#super = hostProcess();
    await this.standing();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#super, ...this.hosts].map((one) => one.stop()));
  }
}

test('1,250 leaves come back at once to a super-peer that was started again: all are linked and leased, and it takes no more memory than before; with the limits of libp2p leaves are turned away', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using crowd = new Crowd();
    await crowd.open();
    await measures.timed('1,250 leaves linked and leased, one after the other', () => crowd.gather());
    const before = await crowd.superPeer.ask('load', undefined);

    await crowd.kill();
    await crowd.open();
    await crowd.superPeer.ask('load', undefined);
    const since = performance.now();
    await crowd.settled();
    const tookMs = performance.now() - since;
    const after = await crowd.superPeer.ask('load', undefined);
    const { linked, turnedAway } = await crowd.standing();
    measures.note('1,250 leaves linked and leased again, all at once', tookMs);
    measures.note('event loop of the super-peer late meanwhile, p99', after.lateMs.p99);
    measures.note('event loop of the super-peer late meanwhile, at most', after.lateMs.max);
    measures.note('heap of the super-peer with all of them', after.heapMiB, 'MiB');
    measures.note('heap beyond that of before', after.heapMiB - before.heapMiB, 'MiB');
    measures.note('resident memory of the super-peer', after.rssMiB, 'MiB');
    measures.note('dials that had to be made again', turnedAway, 'dials');
    expect(linked).toBe(leaves);
    expect(after.heapMiB).toBeLessThan(1.25 * before.heapMiB + 16);

    await crowd.kill();
    await crowd.open(usualLimits);
    await new Promise((resolve) => setTimeout(resolve, Math.min(tookMs, 10_000)));
    const shutOut = await crowd.standing();
    measures.note('leaves still shut out with the limits of libp2p, after as long (at most 10 s)', leaves - shutOut.linked, 'leaves');
    expect(shutOut.turnedAway).toBeGreaterThan(0);
    expect(shutOut.linked).toBeLessThan(leaves);
  }
});
