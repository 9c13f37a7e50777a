import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a promise can be broken: what was acknowledged is gone, or there twice; or anything else. */
export type Failure = 'lost' | 'doubled' | 'broken';

/** What a run counts, over all its lives. */
export class Tally {
  readonly #kills: Map<string, number>;
  readonly #restarts: number[] = [];
  /** Kills at the step that was meant. */
  kills = 0;
  /** Kills at any other time. */
  elsewhere = 0;
  acknowledged = 0;
  powerCuts = 0;
  /** Starts that had something to clean up: unfinished uploads or batches, or records that were not yet in their database. */
  repaired = 0;
  readonly #failures = new Map<string, Failure>();

  /** Steps that are to be hit. */
  constructor(steps: readonly string[]) {
    this.#kills = new Map(steps.map((step) => [step, 0]));
  }

  /** A process was killed at a step. */
  killed(step: string): void {
    this.#kills.set(step, (this.#kills.get(step) ?? 0) + 1);
    this.kills += 1;
  }

  /** A process was killed from outside, because it did not come to the step. */
  killedAnywhere(): void {
    this.elsewhere += 1;
  }

  /** A start after a kill took so many milliseconds until it was ready. */
  restarted(ms: number): void {
    this.#restarts.push(ms);
  }

  /** Something that must not be was seen `after` something; the same thing counts once. */
  fails(kind: Failure, what: string, after: string): void {
    if ([...this.#failures.keys()].some((line) => line.startsWith(`${kind}: ${what} (`))) return;
    this.#failures.set(`${kind}: ${what} (after ${after})`, kind);
  }

  /** Everything that must not be, one line each, in the order in which it was seen. */
  get failures(): string[] {
    return [...this.#failures.keys()];
  }

  /** Steps at which nothing was killed. */
  get unhit(): string[] {
    return [...this.#kills].filter(([, count]) => count === 0).map(([step]) => step);
  }

  /** Writes what was counted to where the tier collects it (SOUK_FAULTS_REPORT), if it does. */
  report(name: string): void {
    const folder = process.env['SOUK_FAULTS_REPORT'];
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const { elsewhere, acknowledged, powerCuts, repaired } = this;
    const count = (kind: Failure): number => [...this.#failures.values()].filter((one) => one === kind).length;
    const sorted = this.#restarts.toSorted((one, other) => one - other);
    const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    const restartMs = { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
    const value = { name, kills: Object.fromEntries(this.#kills), elsewhere, acknowledged, powerCuts, repaired, lost: count('lost'), doubled: count('doubled'), broken: count('broken'), restartMs };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(value));
  }
}
