import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Bench } from '../runner/bench.ts';

/** What a peer's process is told: whom to link to and how many records that peer holds; to begin to watch itself, and to say what it saw. */
export type ToPeer = { readonly t: 'follow'; readonly address: string; readonly records: number } | { readonly t: 'watch' } | { readonly t: 'tell' };

/** What a peer's process saw of itself. */
export interface Watched {
  readonly t: 'watched';
  /** Delay of the event loop, in milliseconds. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly rssMiB: number;
  /** Processor time that it took, in milliseconds: what a busy machine changes least. */
  readonly cpuMs: number;
}

/** What a peer's process says. */
export type FromPeer = { readonly t: 'listening'; readonly address: string; readonly root: string } | { readonly t: 'held'; readonly root: string } | Watched;

// Beside this file as source and compiled.
const script = new URL(import.meta.url.endsWith('.ts') ? './sync-peer.ts' : './sync-peer.js', import.meta.url);

/** A peer in a process of its own, over the logs in a folder. */
export class PeerProcess {
  readonly #process: ChildProcess;
  readonly address: string;
  readonly root: string;

  private constructor(child: ChildProcess, { address, root }: Extract<FromPeer, { t: 'listening' }>) {
    this.#process = child;
    this.address = address;
    this.root = root;
  }

  /** Starts a peer; it ends with the run at the latest. */
  static async start(bench: Bench, folder: string, name: string): Promise<PeerProcess> {
    const child = fork(script, [folder, name], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    bench.atEnd(async () => void child.kill('SIGKILL'));
    const peer = new PeerProcess(child, await heard(child, 'listening'));
    return peer;
  }

  /** Has it take everything from another peer; answers with the head root that it has then. */
  async follow(other: PeerProcess, records: number): Promise<string> {
    const held = heard(this.#process, 'held');
    this.#tell({ t: 'follow', address: other.address, records });
    return (await held).root;
  }

  /** Has it watch itself from now on. */
  watch(): void {
    this.#tell({ t: 'watch' });
  }

  /** What it saw of itself since. */
  async watched(): Promise<Watched> {
    const watched = heard(this.#process, 'watched');
    this.#tell({ t: 'tell' });
    return watched;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.disconnect();
    await gone;
  }

  #tell(message: ToPeer): void {
    this.#process.send(message);
  }
}

function heard<T extends FromPeer['t']>(child: ChildProcess, t: T): Promise<Extract<FromPeer, { t: T }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<FromPeer, { t: T }>>();
  const onMessage = (message: FromPeer): void => {
    if (message.t === t) resolve(message as Extract<FromPeer, { t: T }>);
  };
  const onExit = (): void => reject(new Error('the process of a peer ended'));
  child.on('message', onMessage).once('exit', onExit);
  return promise.finally(() => child.off('message', onMessage).off('exit', onExit));
}
