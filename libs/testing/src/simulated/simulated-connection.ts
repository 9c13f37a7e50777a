import type { AbortOptions, MultiaddrConnection, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils';
import type { Uint8ArrayList } from 'uint8arraylist';
import { Lane } from './lane.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

/** How long a connection that is closed waits for what is on its way. */
const closeMs = 1000;

/** A connection over another one: what is sent arrives when its link lets it. Each end delays what it sends, and hears of the other's end as late as of data. */
export class SimulatedConnection extends AbstractMultiaddrConnection {
  readonly #inner: MultiaddrConnection;
  readonly #lane: Lane;
  readonly #ended = new AbortController();

  constructor(inner: MultiaddrConnection, ends: { readonly self: string; readonly other: string }, network: SimulatedNetwork) {
    super({ remoteAddr: inner.remoteAddr, direction: inner.direction, log: inner.log });
    this.#inner = inner;
    const { self, other } = ends;
    this.#lane = new Lane({
      way: network.way(self, other),
      deliver: (data) => inner.status === 'open' && inner.send(data),
      isCut: () => {
        const cut = network.isCut(self, other);
        if (cut) void network.whenOpen(self, other, this.#ended.signal).then(() => this.#lane.resume(), () => undefined);
        return cut;
      },
      drained: () => this.safeDispatchEvent('drain'),
    });
    inner.addEventListener('message', (event: StreamMessageEvent) => this.onData(event.data));
    inner.addEventListener('drain', () => this.#lane.resume());
    inner.addEventListener('close', (event: StreamCloseEvent) => {
      const tell = (): void => (event.error ? this.abort(event.error) : this.onTransportClosed());
      void network.whenOpen(other, self, this.#ended.signal).then(tell, () => undefined);
    });
    this.addEventListener('close', () => {
      this.#ended.abort();
      this.#lane.end();
    });
  }

  sendData(data: Uint8ArrayList): SendResult {
    return { sentBytes: data.byteLength, canSendMore: this.#lane.send(data) };
  }

  async sendClose(options?: AbortOptions): Promise<void> {
    const until = performance.now() + closeMs;
    while (this.#lane.bytes > 0 && performance.now() < until && !options?.signal?.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.#inner.close(options);
  }

  sendReset(error: Error): void {
    this.#inner.abort(error);
  }

  sendPause(): void {
    this.#inner.pause();
  }

  sendResume(): void {
    this.#inner.resume();
  }
}
