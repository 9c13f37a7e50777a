import { errorTable, isErrorCode, isSoukError, toErrorBody, type ErrorBody } from '@souk/domain';
import type { Host } from '../host.ts';
import { count, printable } from './printable.ts';

const maxLines = 20;

function list(title: string, entries: readonly string[]): string {
  if (entries.length === 0) return '';
  const more = entries.length > maxLines ? `    and ${entries.length - maxLines} more\n` : '';
  return `  ${title}:\n${entries.slice(0, maxLines).map((one) => `    ${one}\n`).join('')}${more}`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
const rows = (value: unknown, line: (row: Record<string, unknown>) => string): string[] => (Array.isArray(value) ? value.filter(isObject).map(line) : []);

/** The details that help a person: files that differ, broken rules, wrong fields, what is missing. */
function detailsText(details: Record<string, unknown>): string {
  const files = isObject(details['files']) ? details['files'] : {};
  return [
    ...(['added', 'removed', 'changed'] as const).map((how) => list(`${count(texts(files[how]).length, 'file')} ${how}`, texts(files[how]))),
    list('rules broken', rows(details['violations'], (one) => `${one['rule']}${one['entry'] ? `  ${one['entry']}` : ''}`)),
    list('problems', rows(details['problems'], (one) => `${one['field'] ?? one['path'] ?? ''} ${one['problem'] ?? one['message'] ?? ''}`.trim())),
    list('missing', rows(details['missing'], (one) => `${one['name']}@${one['version']}`)),
  ].join('');
}

function textOf(body: ErrorBody): string {
  const hint = body.hint ? `  ${body.hint}\n` : '';
  const trace = body.traceId ? `  trace id ${body.traceId}\n` : '';
  return printable(`souk: ${body.message} (${body.code})\n${body.details ? detailsText(body.details) : ''}${hint}${trace}`);
}

/**
 * Shows an error and answers the exit code of its place in the error table. With `--json` the error body is the one JSON value
 * on standard output; else message, details and hint go to standard error. A bug shows its message but never a stack.
 */
export function showError(host: Host, json: boolean, error: unknown): number {
  const body = toErrorBody(error);
  const shown = isSoukError(error) ? body : { ...body, message: `Something went wrong inside Souk: ${isObject(error) ? String(error['message']) : String(error)}`, hint: 'Please report it with the command that you ran.' };
  if (json) host.stdout.write(`${JSON.stringify(shown)}\n`);
  else host.stderr.write(textOf(shown));
  return isErrorCode(shown.code) ? errorTable[shown.code].exit : errorTable.INTERNAL.exit;
}
