import { setImmediate as nextTurn } from 'node:timers/promises';
import { forkMark, HeadTree, isForkMark, type Head, type KeyId, type LogStore } from '@souk/domain';

/** Heads taken into the tree before other work gets its turn: some 5 ms. */
const page = 500;

type Logs = Pick<LogStore, 'heads' | 'headsSince' | 'order' | 'forks'>;

/** The tree of the heads that a log store holds: built when it is first asked for, then kept level with what arrived, by whatever way. */
export class HeldHeads {
  readonly #logs: Logs;
  #tree = HeadTree.empty;
  /** The newest arrival and how many forks are in the tree. */
  #arrival: number | undefined;
  #forks = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(logs: Logs) {
    this.#logs = logs;
  }

  /** The tree of everything that is held when this is called. */
  tree(): Promise<HeadTree> {
    const turn = this.#last.then(() => this.#level());
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** 64 hexadecimal digits; equal at peers that hold the same records and know the same forks. */
  async root(): Promise<string> {
    return (await this.tree()).root;
  }

  async #level(): Promise<HeadTree> {
    const { arrival, forks } = await this.#logs.order();
    while (this.#forks < forks) {
      const proofs = await this.#logs.forks(page, this.#forks);
      this.#tree = this.#tree.with(proofs.map(({ key }) => forkMark(key)));
      this.#forks = proofs.length > 0 ? this.#forks + proofs.length : forks;
      await nextTurn();
    }
    this.#arrival ??= await this.#build(arrival);
    while (this.#arrival < arrival) {
      const arrived = await this.#logs.headsSince(this.#arrival, page);
      this.#take(arrived);
      this.#arrival = arrived.at(-1)?.arrival ?? arrival;
      await nextTurn();
    }
    return this.#tree;
  }

  /** Takes the heads of all logs: those of `arrival`, or newer ones. */
  async #build(arrival: number): Promise<number> {
    let last: KeyId | undefined;
    for (;;) {
      const heads = await this.#logs.heads(last, page);
      this.#take(heads);
      last = heads.at(-1)?.key;
      if (heads.length < page) return arrival;
      await nextTurn();
    }
  }

  /** A forked log stays marked, and a head never goes back: pages that were read one after the other may overlap. */
  #take(heads: readonly Head[]): void {
    const newest = new Map<KeyId, Head>();
    for (const head of heads) {
      const held = newest.get(head.key) ?? this.#tree.head(head.key);
      if (!held || (held.seq < head.seq && !isForkMark(held))) newest.set(head.key, head);
    }
    this.#tree = this.#tree.with([...newest.values()]);
  }
}
