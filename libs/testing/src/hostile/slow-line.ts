import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How often a byte passes of what comes from the far side, when the line is slow, in milliseconds. */
const byteMs = 1000;

/** A TCP line to an address of loopback that can become slow: then one byte a second comes back over it, and everything goes there. */
export class SlowLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isSlow = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Opens a line to a port. */
  static async to(port: number): Promise<SlowLine> {
    const line = new SlowLine(createServer((near) => line.#join(near, port)));
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  /** The port at its near end. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Makes it slow for good. */
  slow(): void {
    this.#isSlow = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      // What breaks on one side breaks on the other: nobody else hears of it.
      socket.on('error', () => undefined).on('close', () => (near.destroy(), far.destroy()));
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (!this.#isSlow) return near.write(bytes);
      far.pause();
      let at = 0;
      const timer = setInterval(() => {
        if (near.destroyed) return clearInterval(timer);
        near.write(bytes.subarray(at, (at += 1)));
      }, byteMs);
      this.#timers.add(timer);
      return undefined;
    });
  }
}
