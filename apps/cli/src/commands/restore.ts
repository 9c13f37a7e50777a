import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SoukError, type Finding } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { count } from '../output/printable.ts';
import { facts } from '../output/table.ts';
import { dataFolderPath } from '../site/data-folder-path.ts';
import { requireNode } from '../site/require-node.ts';

/** `souk restore FILE --data DIR`: a backup into an empty folder, verified before it can be used. */
export const restore: CommandDefinition = {
  define(command, start) {
    command
      .argument('<file>', 'a backup that souk backup made')
      .option('--data <folder>', 'where to restore it: a folder that is empty or does not exist (default SOUK_HOME/site)')
      .action((file: string, options: { data?: string }) => start((context) => run(context, file, options.data)));
  },
};

interface Answer {
  readonly data: string;
  readonly records: number;
  readonly blobs: number;
  readonly createdAt: number;
  readonly network: string;
  readonly keys: boolean;
  readonly aside: readonly string[];
  readonly findings: readonly Finding[];
}

async function run(context: Context, file: string, data: string | undefined): Promise<void> {
  requireNode(context.host.nodeVersion, 'Restoring needs');
  const path = resolve(context.host.cwd, file);
  const found = await onDisk(`Reading ${file}`, () => ifPresent(() => stat(path)));
  if (!found?.isFile()) throw new SoukError('NOT_FOUND', `There is no file ${file}.`, { hint: 'Give the path of a backup that souk backup made.' });
  const folder = dataFolderPath(context, data);
  const { restoreData } = await import('../backup/restore-data.ts');
  const { head, records, blobs, aside, findings } = await restoreData(context, path, folder);
  const { createdAt, network, keys } = head;
  const answer: Answer = { data: folder, records, blobs, createdAt, network, keys, aside, findings };
  context.out.answer(answer, () => text(answer));
}

/** What to do next, and why nothing is forked by a backup that is older than the site was. */
function advice({ data, network, keys, aside }: Answer): string[] {
  const start = `souk up --data ${data}`;
  const lines: string[] = [];
  if (keys) lines.push('It is the same peer as before: never run it while the site that was backed up still runs.');
  else if (network === 'open') lines.push('It becomes a new peer of its network, because its keys were not in the backup.');
  else lines.push(`Its keys were not in the backup, so the first start needs an invite of its network: ${start} --join INVITE`);
  for (const path of aside) lines.push(`The key ${path} was put aside in ${data}/set-aside: used again, it could sign other records in place of those that the backup lacks.`);
  lines.push('Records that are newer than the backup come back from the other peers, and from their authors at their next publish: authors sign on top of their own logs, never on top of this folder.');
  lines.push(`Start it by: ${start}`);
  return lines;
}

function text(answer: Answer): string {
  const found = answer.findings.map((one) => `  ${one.what}\n`).join('');
  return `Restored and verified\n${facts([
    ['data', answer.data],
    ['made at', new Date(answer.createdAt).toISOString()],
    ['holds', `${count(answer.records, 'record')}, ${count(answer.blobs, 'blob')}`],
    ['network', answer.network],
  ])}${found === '' ? '' : `\nNot in the backup:\n${found}`}\n${advice(answer).map((line) => `${line}\n`).join('')}`;
}
