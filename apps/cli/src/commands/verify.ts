import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inspectArchive, type ArchiveReport } from '@souk/archive';
import { errorTable, SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { bytesText, count } from '../output/printable.ts';
import { facts } from '../output/table.ts';

/** `souk verify FILE.tgz`: checks an archive against the archive policy, without a site. Exit code 4 when it breaks a rule. */
export const verify: CommandDefinition = {
  define(command, start) {
    command.argument('<file>', 'a .tgz file').action((file: string) => start((context) => check(context, file)));
  },
};

async function check(context: Context, file: string): Promise<number> {
  const path = resolve(context.host.cwd, file);
  const found = await onDisk(`Reading ${file}`, () => ifPresent(() => stat(path)));
  if (!found?.isFile()) throw new SoukError('NOT_FOUND', `There is no file ${file}.`, { hint: 'Give the path of a .tgz file; for a folder use: souk publish DIR' });
  const report = await onDisk(`Reading ${file}`, () => inspectArchive(createReadStream(path), { maxBytes: found.size, signal: context.host.signal }));
  const ok = report.violations.length === 0;
  const violations = report.violations.map(({ rule, entry }) => ({ rule, entry }));
  context.out.answer({ ok, cid: report.cid, integrity: report.integrity, tree: report.tree, files: report.files.length, size: report.size, violations }, () => text(file, report));
  return ok ? 0 : errorTable.BAD_ARCHIVE.exit;
}

function text(file: string, report: ArchiveReport): string {
  const broken = report.violations.map((one) => `  ${one.rule}${one.entry ? `  ${one.entry}` : ''}: ${one.message}\n`).join('');
  const verdict = broken === '' ? `${file} keeps the archive policy\n` : `${file} breaks the archive policy in ${count(report.violations.length, 'place')}:\n${broken}`;
  return `${verdict}\n${facts([
    ['cid', report.cid],
    ['integrity', report.integrity],
    ['tree', report.tree],
    ['files', String(report.files.length)],
    ['size', `${bytesText(report.size)}, ${bytesText(report.unpackedSize)} unpacked`],
  ])}`;
}
