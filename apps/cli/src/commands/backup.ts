import { resolve } from 'node:path';
import { isSoukError } from '@souk/domain';
import { siteSource, type BackupSource } from '../backup/backup-source.ts';
import { keyEntries, requireKeysOfSite } from '../backup/key-entries.ts';
import { writeBackupFile } from '../backup/write-backup-file.ts';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { bytesText } from '../output/printable.ts';
import { facts } from '../output/table.ts';
import { dataFolderPath } from '../site/data-folder-path.ts';
import { requireNode } from '../site/require-node.ts';

interface BackupOptions {
  readonly data?: string;
  readonly withKeys?: boolean;
  readonly cache: boolean;
}

/** `souk backup FILE`: records and blobs of a running site, or of the data folder of a stopped one, in one verified file. */
export const backup: CommandDefinition = {
  define(command, start) {
    command
      .argument('<file>', 'the file to write, as in site.souk-backup; it must not exist')
      .option('--data <folder>', 'the data folder of a site on this machine, which may be stopped')
      .option('--with-keys', "add the site's secret keys, from its data folder on this machine")
      .option('--no-cache', 'leave out blobs that can be fetched again from other peers')
      .action((file: string, options: BackupOptions) => start((context) => run(context, file, options)));
  },
};

/** The data folder when the site is stopped; else the site, which has to be asked for what it uses. */
async function sourceOf(context: Context, options: BackupOptions): Promise<{ source: BackupSource; isRunning: boolean }> {
  if (options.data !== undefined) {
    requireNode(context.host.nodeVersion, 'Opening the data of a site needs');
    try {
      const { folderSource } = await import('../backup/folder-source.ts');
      return { source: await folderSource(context, dataFolderPath(context, options.data), options.cache), isRunning: false };
    } catch (error) {
      if (!isSoukError(error) || error.code !== 'STORAGE_LOCKED') throw error;
      context.out.note('The site runs: it is asked for the backup.');
    }
  }
  return { source: await siteSource(context, options.cache), isRunning: true };
}

async function run(context: Context, file: string, options: BackupOptions): Promise<void> {
  const path = resolve(context.host.cwd, file);
  const folder = dataFolderPath(context, options.data);
  const keys = options.withKeys ? await keyEntries(folder) : [];
  const { source, isRunning } = await sourceOf(context, options);
  try {
    if (options.withKeys && isRunning) await requireKeysOfSite(context, folder);
    const written = await writeBackupFile(context, path, source, keys);
    const { createdAt, network, cached } = source.head;
    const answer = { file: path, ...written, createdAt, network, cached, keys: keys.length > 0 };
    context.out.answer(answer, () => text(answer));
  } finally {
    await source.close();
  }
}

function text(one: { readonly file: string; readonly bytes: number; readonly blobs: number; readonly keys: boolean; readonly cached: boolean }): string {
  const secret = one.keys ? 'inside: whoever has this file can act as this site. Keep it as you keep keys' : 'not inside; --with-keys adds them';
  return `Backed up and verified\n${facts([
    ['file', one.file],
    ['size', bytesText(one.bytes)],
    ['blobs', `${one.blobs}${one.cached ? '' : ', only what must stay'}`],
    ["site's keys", secret],
    ["authors' keys", 'never inside: they lie in SOUK_HOME/keys of whoever publishes'],
  ])}`;
}
