import { setImmediate as nextTurn } from 'node:timers/promises';
import { HeadRoot, type Head, type KeyId, type LogStore } from '@souk/domain';

const page = 1000;
const maxForks = 100_000;

/** What stands for a forked log in the root: peers that hold different branches of it agree that it is forked, and on nothing else. */
function forkMark(key: KeyId): Head {
  return { key, seq: 0, hash: new Uint8Array(32) };
}

interface Known {
  readonly root: string;
  readonly forked: ReadonlySet<KeyId>;
  readonly arrival: number;
}

/** The head root of a log store and which of its logs are forked: computed when asked for, kept until the logs change. */
export class HeadRoots {
  readonly #logs: LogStore;
  #known: Known | undefined;
  #computing: Promise<Known> | undefined;
  #changes = 0;

  constructor(logs: LogStore) {
    this.#logs = logs;
  }

  /** Says that the logs changed; needed where only a fork was learned, because that moves no head. */
  changed(): void {
    this.#changes += 1;
    this.#known = undefined;
  }

  /** 64 hexadecimal digits; equal at peers that hold the same records and know the same forks. */
  async root(): Promise<string> {
    return (await this.#now()).root;
  }

  /** The keys of logs that are proven to be forked. */
  async forked(): Promise<ReadonlySet<KeyId>> {
    return (await this.#now()).forked;
  }

  async #now(): Promise<Known> {
    const known = this.#known;
    if (known && (await this.#logs.since(known.arrival, 1)).length === 0 && this.#known === known) return known;
    this.#computing ??= this.#compute().finally(() => {
      this.#computing = undefined;
    });
    return this.#computing;
  }

  async #compute(): Promise<Known> {
    const before = this.#changes;
    const { arrival } = await this.#logs.size();
    const forked = new Set((await this.#logs.forks(maxForks)).map((proof) => proof.key));
    const root = new HeadRoot();
    for await (const head of allHeads(this.#logs)) root.add(forked.has(head.key) ? forkMark(head.key) : head);
    const known = { root: root.digest(), forked, arrival };
    if (this.#changes === before) this.#known = known;
    return known;
  }
}

/** Every head in ascending order of keys, from the one after `after`; gives way to other work between pages. */
export async function* allHeads(logs: Pick<LogStore, 'heads'>, after?: KeyId): AsyncGenerator<Head> {
  let last = after;
  for (;;) {
    const heads = await logs.heads(last, page);
    yield* heads;
    last = heads.at(-1)?.key;
    if (heads.length < page) return;
    await nextTurn();
  }
}
