import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { table } from '../output/table.ts';
import { Author } from '../publish/author.ts';
import { openPackageInput } from '../publish/package-input.ts';
import { publishPackage, type Published } from '../publish/publish-package.ts';

/** `souk demo`: publishes the example templates, so that there is something to search and install. */
export const demo: CommandDefinition = {
  define(command, start) {
    command.action(() => start(publishExamples));
  },
};

/** The folders of the examples: beside the bundle in an installed package, at the top of the repository else. */
async function exampleFolders(packageFolder: string): Promise<string[]> {
  for (const folder of [join(packageFolder, 'dist', 'examples'), join(packageFolder, '..', '..', 'examples')]) {
    const names = (await onDisk(`Reading ${folder}`, () => ifPresent(() => readdir(folder)))) ?? [];
    const found: string[] = [];
    for (const name of names.sort()) if (await ifPresent(() => stat(join(folder, name, 'package.json'))).catch(() => undefined)) found.push(join(folder, name));
    if (found.length > 0) return found;
  }
  throw new SoukError('NOT_FOUND', 'The examples are missing from this installation.', { hint: 'Install the souk command again.' });
}

async function publishExamples(context: Context): Promise<void> {
  const published: Published[] = [];
  const author = await Author.open(context);
  try {
    for (const folder of await exampleFolders(context.host.packageFolder)) {
      const input = await openPackageInput(context.host, folder);
      try {
        published.push(await publishPackage(context, author, input));
      } finally {
        await input.dispose();
      }
    }
  } finally {
    await author.close();
  }
  context.out.answer({ published }, () => text(published, context.out.width));
}

function text(published: readonly Published[], width: number): string {
  const rows = published.map((one) => [one.name, one.version, one.kind, one.status === 'published' ? 'published' : 'was there']);
  const first = published[0]?.name ?? 'NAME';
  return `${table(['NAME', 'VERSION', 'KIND', 'STATUS'], rows, width)}\nNext:\n  souk search template\n  souk info ${first}\n  souk install ${first}\n`;
}
