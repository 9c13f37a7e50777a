import Table from 'cli-table3';
import type { Result } from '../runner/result.ts';
import type { Machine } from './machine.ts';

const heads = ['scenario', 'unit', 'n', 'value', 'p50', 'p95', 'p99', 'goal', 'target', 'verdict', 'baseline', 'its figure', 'ratio'];
const plain = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };

/** A figure with as many digits as one can read at a glance. */
export function shownFigure(value: number | undefined): string {
  if (value === undefined) return '-';
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function cells(result: Result): string[] {
  const { name, unit, goal, target, verdict } = result;
  if (result.verdict === 'failed') return [name, unit, '-', '-', '-', '-', '-', shownFigure(goal), shownFigure(target), verdict, '-', '-', '-'];
  if ('value' in result) {
    const { value, better, baseline, ratio } = result;
    const bound = (figure: number | undefined): string => (figure === undefined ? '-' : `${better === 'more' ? '>=' : '<='} ${shownFigure(figure)}`);
    return [name, unit, '-', shownFigure(value), '-', '-', '-', bound(goal), bound(target), verdict, baseline.name, shownFigure(baseline.value), `${shownFigure(ratio)}x`];
  }
  const { n, p50, p95, p99, baseline, ratio } = result;
  return [name, unit, String(n), '-', ...[p50, p95, p99, goal, target].map(shownFigure), verdict, baseline.name, shownFigure(baseline.p50), `${shownFigure(ratio)}x`];
}

/** Says so when other work ran on the machine: goals are about a quiet one. */
function busyNote({ load, cores }: Machine): string[] {
  return load <= cores / 4 ? [] : [`THE MACHINE WAS BUSY before the run (load ${load} on ${cores} cores): the times are longer than on a quiet one, for which the goals are`];
}

function alsoCalled(result: Result): string[] {
  return 'alsoCalled' in result && result.alsoCalled ? [`${result.name}: one measurement for ${result.alsoCalled.join(' and ')} too`] : [];
}

/** The report for people: the machine, one row per scenario, and below what has to be known about each. */
export function reportText(results: readonly Result[], machine: Machine, quick: boolean): string {
  const table = new Table({ head: heads, chars: plain, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  for (const result of results) table.push(cells(result));
  const notes = results.flatMap((result) => [...(result.verdict === 'failed' ? [`${result.name} FAILED: ${result.error}`] : []), ...alsoCalled(result), ...result.notes.map((note) => `${result.name}: ${note}`)]);
  const { cpu, cores, memoryGiB, node, os, commit, load } = machine;
  const about = `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node}, commit ${commit}, load average at the start ${load}`;
  const rows = table.toString().split('\n').map((line) => line.trimEnd());
  const heading = quick ? ['QUICK RUN: fewer iterations and smaller sizes than the verdicts are about'] : [];
  return ['', ...heading, ...rows, '', 'goal and target bound the p95, or the value where there is one; the baseline\'s figure is its p50, or its value', about, ...busyNote(machine), ...notes, ''].join('\n');
}
