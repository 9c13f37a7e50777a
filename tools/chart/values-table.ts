import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

interface Row {
  readonly path: string;
  readonly value: string;
  readonly help: string;
}

/**
 * A markdown table of a chart's values with their defaults, out of the comments before them that begin with two dashes. Throws for a value that has
 * no such comment: whoever adds one says what it is for.
 */
export function valuesTable(text: string): string {
  const document = parseDocument(text);
  if (!isMap(document.contents)) throw new Error('values are a map');
  const rows = rowsOf(document.contents as YAMLMap, '', document.commentBefore ?? undefined);
  return ['| value | default | meaning |', '|---|---|---|', ...rows.map(({ path, value, help }) => `| \`${path}\` | \`${value}\` | ${help.replaceAll('|', String.raw`\|`)} |`), ''].join('\n');
}

function rowsOf(map: YAMLMap, before: string, commentOfFirst?: string): Row[] {
  return map.items.flatMap((pair, index) => rowsOfPair(pair as Pair, before, index === 0 ? (map.commentBefore ?? commentOfFirst) : undefined));
}

function rowsOfPair({ key, value }: Pair, before: string, inherited: string | undefined): Row[] {
  if (!isScalar(key)) throw new Error('values have plain names');
  const path = `${before}${String(key.value)}`;
  const help = helpOf(key.commentBefore ?? inherited);
  if (help !== undefined) return [{ path, value: JSON.stringify(isMap(value) || !isScalar(value) ? (value as { toJSON(): unknown }).toJSON() : value.value), help }];
  if (isMap(value)) return rowsOf(value as YAMLMap, `${path}.`);
  throw new Error(`${path} has no description: write a comment that begins with -- before it`);
}

function helpOf(comment: string | undefined): string | undefined {
  const lines = (comment ?? '').split('\n').map((line) => line.trim());
  const first = lines.findLastIndex((line) => line.startsWith('-- '));
  return first === -1 ? undefined : lines.slice(first).join(' ').slice(3).trim();
}
