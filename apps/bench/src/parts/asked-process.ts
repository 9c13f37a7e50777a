import { AskedProcess as AnyAskedProcess, type Handlers } from '@souk/testing/processes';
import type { Bench } from '../runner/bench.ts';

export { answerParent, usedHeap, type Handlers } from '@souk/testing/processes';

/** A process of a scenario that answers its parent's questions, such as one that hosts peers; it ends with the run at the latest. */
export class AskedProcess<H extends Handlers> extends AnyAskedProcess<H> {
  /** Starts a script, which calls `answerParent`, with options for Node if it needs any. */
  constructor(bench: Bench, script: URL, words: readonly string[] = [], nodeOptions: readonly string[] = []) {
    super(script, { words, nodeOptions });
    bench.atEnd(() => this.stop());
  }
}
