import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Bench } from '../runner/bench.ts';

/** What a peer's process is told: whom to link to, and how many records that peer holds. */
export interface ToPeer {
  readonly address: string;
  readonly records: number;
}

/** What a peer's process had to say when it held everything. */
export interface Held {
  readonly t: 'held';
  readonly root: string;
  /** Delay of the event loop while it synced, in milliseconds. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly rssMiB: number;
  /** Processor time that it took, in milliseconds: what a busy machine changes least. */
  readonly cpuMs: number;
}

/** What a peer's process says. */
export type FromPeer = { readonly t: 'listening'; readonly address: string; readonly root: string } | Held;

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

  /** Has it take everything from another peer. */
  async follow(other: PeerProcess, records: number): Promise<Held> {
    const held = heard(this.#process, 'held');
    this.#process.send({ address: other.address, records } satisfies ToPeer);
    return held;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.disconnect();
    await gone;
  }
}

function heard<T extends FromPeer['t']>(child: ChildProcess, t: T): Promise<Extract<FromPeer, { t: T }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<FromPeer, { t: T }>>();
  child.on('message', (message: FromPeer) => {
    if (message.t === t) resolve(message as Extract<FromPeer, { t: T }>);
  });
  child.once('exit', () => reject(new Error('the process of a peer ended')));
  return promise;
}
