import { oneLine } from './printable.ts';

const gap = '  ';

function fit(cell: string, width: number): string {
  return cell.length <= width ? cell.padEnd(width) : `${cell.slice(0, Math.max(width - 1, 0))}…`;
}

/**
 * Aligns rows under a heading; the last column takes what is left of `width` characters and is cut there.
 * Without rows the result is empty. Every cell becomes one harmless line.
 */
export function table(heading: readonly string[], rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string {
  if (rows.length === 0) return '';
  const lines = [heading, ...rows].map((row) => row.map(oneLine));
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + gap.length, 0);
  const last = Math.max(widths.length - 1, 0);
  widths[last] = Math.max(Math.min(widths[last] ?? 0, width - before), Math.min(widths[last] ?? 0, 12));
  return lines.map((line) => `${line.map((cell, column) => fit(cell, widths[column] ?? 0)).join(gap).trimEnd()}\n`).join('');
}

/** Aligns `label  value` lines; those without a value are left out. */
export function facts(lines: readonly (readonly [string, string | undefined])[]): string {
  const shown = lines.filter((line): line is readonly [string, string] => line[1] !== undefined && line[1] !== '');
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `${label.padEnd(width)}${gap}${oneLine(value)}\n`).join('');
}
