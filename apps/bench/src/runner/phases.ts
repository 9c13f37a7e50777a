import { LatencyRecorder } from './latency-recorder.ts';
import type { Unit } from './scenario.ts';

/** Times the parts of what a scenario runs, so that a miss can be explained. They are notes, not figures: parts may overlap. */
export class Phases {
  readonly #recorders = new Map<string, LatencyRecorder>();

  /** Forgets all so far. */
  reset(): void {
    this.#recorders.clear();
  }

  /** Does something as a part of that name. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = process.hrtime.bigint();
    const result = await work();
    this.record(name, Number(process.hrtime.bigint() - start));
    return result;
  }

  /** Takes a part's duration in nanoseconds. */
  record(name: string, nanoseconds: number): void {
    const recorder = this.#recorders.get(name) ?? new LatencyRecorder();
    this.#recorders.set(name, recorder);
    recorder.record(nanoseconds);
  }

  /** All parts in the order in which they came first, with their p50 and p95. */
  note(unit: Unit): string {
    const parts = [...this.#recorders].map(([name, recorder]) => {
      const { p50, p95 } = recorder.figures(unit);
      return `${name} ${Number(p50.toPrecision(3))} / ${Number(p95.toPrecision(3))}`;
    });
    return `p50 / p95 in ${unit}: ${parts.join(', ')}`;
  }
}
