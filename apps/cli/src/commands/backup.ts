import { resolve } from 'node:path';
import { isSoukError } from '@souk/domain';
import { siteSource, type BackupSource } from '../backup/backup-source.ts';
import { keyEntries, requireFolderOfSite } from '../backup/key-entries.ts';
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

/** The data folder when the site is stopped; else the site that uses it, or the one that answers. Throws BAD_REQUEST when another site answers. */
async function sourceOf(context: Context, options: BackupOptions): Promise<BackupSource> {
  const folder = dataFolderPath(context, options.data);
  if (options.data !== undefined) {
    requireNode(context.host.nodeVersion, 'Opening the data of a site needs');
    try {
      const { folderSource } = await import('../backup/folder-source.ts');
      return await folderSource(context, folder, options.cache);
    } catch (error) {
      if (!isSoukError(error) || error.code !== 'STORAGE_LOCKED') throw error;
      context.out.note('The site runs: it is asked for the backup.');
    }
  }
  if (options.data !== undefined || options.withKeys) await requireFolderOfSite(context, folder);
  return siteSource(context, options.cache);
}

async function run(context: Context, file: string, options: BackupOptions): Promise<void> {
  const path = resolve(context.host.cwd, file);
  const keys = options.withKeys ? await keyEntries(dataFolderPath(context, options.data)) : [];
  const source = await sourceOf(context, options);
  try {
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
