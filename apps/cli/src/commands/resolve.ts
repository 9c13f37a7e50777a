import { readFile } from 'node:fs/promises';
import { resolve as absolute } from 'node:path';
import { answerOf, errorTable, parseRoot, parseStrictJson, parseUniverse, resolve as solve, SoukError, type Resolution } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { table } from '../output/table.ts';

const maxFileBytes = 256 * 1_048_576;

/** `souk resolve --universe FILE --root FILE`: the resolver alone, without a site. The exit code of a failure is that of its error code. */
export const resolve: CommandDefinition = {
  define(command, start) {
    command
      .requiredOption('--universe <file>', 'JSON { name: { version: { dependencies?, yanked? } } }')
      .requiredOption('--root <file>', 'JSON { dependencies, locked? }')
      .action((options: { universe: string; root: string }) => start((context) => answer(context, options)));
  },
};

async function answer(context: Context, options: { universe: string; root: string }): Promise<number> {
  const universe = parseUniverse(await readJson(context, options.universe));
  const root = parseRoot(await readJson(context, options.root));
  const resolution = solve(universe, root);
  context.out.answer(answerOf(resolution), () => text(resolution));
  return resolution.ok ? 0 : errorTable[resolution.code].exit;
}

async function readJson(context: Context, file: string): Promise<unknown> {
  const bytes = await onDisk(`Reading ${file}`, () => ifPresent(() => readFile(absolute(context.host.cwd, file))));
  if (bytes === undefined) throw new SoukError('NOT_FOUND', `There is no file ${file}.`);
  try {
    return parseStrictJson(bytes, { maxBytes: maxFileBytes });
  } catch (cause) {
    throw cause instanceof SoukError ? new SoukError(cause.code, `${file}: ${cause.message}`, { details: cause.details, cause }) : cause;
  }
}

function text(resolution: Resolution): string {
  if (!resolution.ok) return `${resolution.explanation}\n(${resolution.code})\n`;
  return table(['NAME', 'VERSION'], Object.entries(resolution.packages)) || 'Nothing is required.\n';
}
