import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Series {
  readonly unit: string;
  readonly values: number[];
}

/** What a spec measures over its rounds. Nothing is judged by it: how quick a machine is, is not what is tested. */
export class Measures {
  readonly #series = new Map<string, Series>();

  /** One more value. */
  note(what: string, value: number, unit = 'ms'): void {
    const series = this.#series.get(what) ?? { unit, values: [] };
    this.#series.set(what, series);
    series.values.push(value);
  }

  /** Notes how long something takes, in milliseconds, and answers what it answers. */
  async timed<T>(what: string, work: () => Promise<T>): Promise<T> {
    const since = performance.now();
    const answer = await work();
    this.note(what, performance.now() - since);
    return answer;
  }

  /** Writes what was measured to where the tier collects it (SOUK_FAULTS_REPORT), if it does. */
  report(name: string): void {
    const folder = process.env['SOUK_FAULTS_REPORT'];
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const measures = [...this.#series].map(([what, { unit, values }]) => {
      const sorted = values.toSorted((one, other) => one - other);
      const at = (share: number): number => rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
      return { what, unit, count: sorted.length, least: at(0), p50: at(0.5), max: at(1) };
    });
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, measures }));
  }
}

/** With one digit behind the point where that says anything. */
const rounded = (value: number): number => (value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);
