import { resolve } from 'node:path';
import { SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { openLineFile } from '../import/file-lines.ts';
import { FileImport, type Done } from '../import/import-file.ts';
import { maxLineBytes } from '../import/line-package.ts';
import { ownSigners } from '../import/own-signers.ts';
import { patienceOf } from '../import/patience.ts';
import { Refusals } from '../import/refusals.ts';
import { maxAuthors, seededSigners } from '../import/seeded-signers.ts';
import type { Signers } from '../import/signers.ts';
import { openImportProgress } from '../output/import-progress.ts';
import { bytesText, count } from '../output/printable.ts';
import { table } from '../output/table.ts';

interface Options {
  readonly authors?: string;
  readonly seed: string;
  readonly tarballs?: string;
}

/** `souk import FILE`: publishes many packages at once, one JSON line each. */
export const importFile: CommandDefinition = {
  define(command, start) {
    command
      .argument('<file>', 'one package per line as JSON (name, version, description, ...), .jsonl or .jsonl.gz')
      .option('--tarballs <folder>', 'publish NAME-VERSION.tgz of that folder instead of what the lines say')
      .option('--authors <count>', `load data only: signed by so many authors (up to ${maxAuthors}) whose keys anybody can compute from the seed; by default you sign`)
      .option('--seed <text>', 'what the keys of these authors follow from', 'souk import')
      .addHelpText('after', '\nInterrupted or refused lines: run the same command again, what is published already is skipped. Wrong lines are named, the others are imported.')
      .action((file: string, options: Options) => start((context) => run(context, file, options)));
  },
};

/** How many seeded authors sign; undefined when the user does. Throws BAD_REQUEST. */
function authorsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const authors = Number(text);
  if (!/^\d+$/.test(text) || authors < 1 || authors > maxAuthors) throw new SoukError('BAD_REQUEST', `--authors is a number from 1 to ${maxAuthors}, not "${text.slice(0, 20)}".`);
  return authors === 1 ? undefined : authors;
}

interface Summary extends Omit<Done, 'position'> {
  readonly file: string;
  readonly refused: Refusals['kept'];
  readonly refusedTotal: number;
  readonly signers: Signers['about'];
  readonly seconds: number;
  /** Packages published per second. */
  readonly rate: number;
}

async function run(context: Context, path: string, options: Options): Promise<number> {
  const { host } = context;
  const authors = authorsOf(options.authors);
  const file = await openLineFile(resolve(host.cwd, path), { maxBytes: maxLineBytes, signal: host.signal });
  const gateway = await context.gateway();
  const patience = patienceOf(context, gateway);
  const signers = authors === undefined ? await ownSigners(context, patience) : await seededSigners(gateway, authors, options.seed, patience);
  if (authors !== undefined) context.out.note(`Signing by ${authors} authors whose keys anybody can compute from the seed "${options.seed}": load data, not for a network that people rely on.`);
  const refusals = new Refusals();
  const progress = await openImportProgress(context, file.size);
  let done: Done = { lines: 0, position: 0, published: 0, already: 0, uploaded: 0 };
  const onProgress = (now: Done): void => {
    done = now;
    progress.show(now.position, now.published + now.already);
  };
  const start = performance.now();
  const summary = (): Summary => {
    const { position: _position, ...counts } = done;
    const seconds = (performance.now() - start) / 1000;
    return { file: path, ...counts, refused: refusals.kept, refusedTotal: refusals.total, signers: signers.about, seconds: Number(seconds.toFixed(3)), rate: Math.round(done.published / seconds) };
  };
  try {
    const tarballs = options.tarballs === undefined ? {} : { tarballs: resolve(host.cwd, options.tarballs) };
    await new FileImport({ context, gateway, signers, patience, file, refusals, signal: host.signal, onProgress, ...tarballs }).run();
  } catch (error) {
    throw host.signal.aborted ? interrupted(summary(), host.signal.reason) : error;
  } finally {
    progress.stop();
    await signers.close();
  }
  const result = summary();
  context.out.answer(result, () => importText(result, context.out.width));
  return refusals.exitCode;
}

function interrupted(summary: Summary, reason: unknown): SoukError {
  return new SoukError('CANCELLED', `Interrupted: ${count(summary.published, 'package')} of the file are published, each on the site's disk.`, { hint: 'Run the same command again: it goes on there.', details: { ...summary }, cause: reason });
}

function importText({ published, already, uploaded, seconds, rate, refused, refusedTotal }: Summary, width: number): string {
  const there = already > 0 ? `, ${already} were published already` : '';
  const title = `Published ${count(published, 'package')} (${bytesText(uploaded)}) in ${seconds.toFixed(1)} s, ${rate}/s${there}`;
  if (refusedTotal === 0) return `${title}\n`;
  const rows = refused.map((one) => [String(one.line), one.name === undefined ? '' : `${one.name}@${one.version}`, one.code, one.message]);
  const more = refusedTotal > refused.length ? `and ${refusedTotal - refused.length} more\n` : '';
  return `${title}\n\n${count(refusedTotal, 'line')} refused:\n${table(['LINE', 'PACKAGE', 'CODE', 'WHY'], rows, width)}${more}\nCorrect them and run the same command again: only they are published then.\n`;
}
