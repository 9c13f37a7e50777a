import type { LoadResult, LoadRun, ProcessMemory } from './load-result.ts';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const cell = (value: string | number): string => `<td>${typeof value === 'number' ? Number(value.toPrecision(4)) : escaped(value)}</td>`;
const row = (...values: readonly (string | number)[]): string => `<tr>${values.map(cell).join('')}</tr>`;
const table = (head: readonly string[], rows: readonly string[]): string => `<table><tr>${head.map((one) => `<th>${escaped(one)}</th>`).join('')}</tr>${rows.join('')}</table>`;

const chart = { width: 640, height: 120 };
const mib = (bytes: number): number => bytes / 2 ** 20;

/** Memory over time as a line from 0 up to its maximum. */
function memoryChart({ process, samples, perHourBytes, isFlat }: ProcessMemory): string {
  const [end, most] = [samples.at(-1)?.at ?? 1, Math.max(...samples.map(({ bytes }) => bytes))];
  const points = samples.map(({ at, bytes }) => `${((at / end) * chart.width).toFixed(1)},${(chart.height - (bytes / most) * chart.height).toFixed(1)}`).join(' ');
  const caption = `${process}: at most ${mib(most).toFixed(1)} MiB, slope ${mib(perHourBytes).toFixed(1)} MiB an hour, ${isFlat ? 'flat' : 'grows'}`;
  return `<figure><svg viewBox="0 0 ${chart.width} ${chart.height}" role="img"><polyline points="${points}"/></svg><figcaption>${escaped(caption)}</figcaption></figure>`;
}

function runRows({ amount, journeys, held }: LoadRun): string[] {
  return journeys.map(({ journey, phase, count, perSecond, p50, p95, p99, max, failed }) => row(amount.rate, journey, phase, count, perSecond, p50, p95, p99, max, failed * 100, held ? 'held' : 'missed'));
}

function section(result: LoadResult): string {
  const { machine, runs, memory = [], capacity } = result;
  const bounds = Object.entries(runs.at(-1)?.thresholds ?? {}).map(([bound, ok]) => row(bound, ok ? 'held' : 'did not hold'));
  return `<section><h2>${escaped(result.scenario)}: ${result.passed ? 'passed' : 'failed'}</h2>
<p>${escaped(`${result.says}. ${result.mode}, ${result.catalogue}; ${machine.cpu}, ${machine.cores} cores, k6 on them too, load ${machine.load} at the start; commit ${machine.commit}, ${result.startedAt}`)}</p>
${table(['rate', 'journey', 'phase', 'count', 'per s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'failed %', 'targets'], runs.flatMap(runRows))}
${capacity === undefined ? '' : `<p>Capacity: ${capacity} journeys/s</p>`}
${table(['threshold of the last run', ''], bounds)}
${memory.map(memoryChart).join('\n')}</section>`;
}

const style = 'body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:right}svg{width:100%;max-width:40rem;border:1px solid #ccc}polyline{fill:none;stroke:#06c;stroke-width:1.5}';

/** Results as one HTML page that loads nothing from elsewhere. */
export function loadPage(results: readonly LoadResult[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Souk under load</title><style>${style}</style></head><body><h1>Souk under load</h1>\n${results.map(section).join('\n')}\n</body></html>\n`;
}
