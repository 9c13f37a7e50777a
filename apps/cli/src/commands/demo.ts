import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { onDisk } from '../home/on-disk.ts';
import { table } from '../output/table.ts';
import { Author } from '../publish/author.ts';
import { openPackageInput } from '../publish/package-input.ts';
import { publishPackage, type Published } from '../publish/publish-package.ts';
import { shippedPath } from '../shipped-path.ts';

/** `souk demo`: publishes the example templates, so that there is something to search and install. */
export const demo: CommandDefinition = {
  define(command, start) {
    command.action(() => start(publishExamples));
  },
};

async function exampleFolders(packageFolder: string): Promise<string[]> {
  const folder = await shippedPath(packageFolder, 'The examples are', { installed: ['dist', 'examples'], workspace: ['..', '..', 'examples'] });
  const entries = await onDisk(`Reading ${folder}`, () => readdir(folder, { withFileTypes: true }));
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name)).sort();
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
