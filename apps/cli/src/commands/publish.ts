import { Kind, SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { bytesText, count } from '../output/printable.ts';
import { facts } from '../output/table.ts';
import { Author } from '../publish/author.ts';
import { openPackageInput } from '../publish/package-input.ts';
import { publishPackage, type Published } from '../publish/publish-package.ts';

/** `souk publish DIR|FILE.tgz`: packs as npm does, signs, uploads. No script of the package is run. */
export const publish: CommandDefinition = {
  define(command, start) {
    command
      .argument('[path]', 'a folder with a package.json, or a .tgz', '.')
      .option('--kind <kind>', 'template or package, instead of what package.json says')
      .action((path: string, options: { kind?: string }) => start((context) => send(context, path, options.kind)));
  },
};

/** The kind that an option names. Throws BAD_REQUEST. */
function kindFrom(text: string | undefined): Kind | undefined {
  if (text === undefined) return undefined;
  const kind = Kind.safeParse(text);
  if (!kind.success) throw new SoukError('BAD_REQUEST', `--kind is template or package, not "${text.slice(0, 40)}".`);
  return kind.data;
}

async function send(context: Context, path: string, kind: string | undefined): Promise<void> {
  const input = await openPackageInput(context.host, path, kindFrom(kind));
  try {
    if (input.skipped.length > 0) context.out.note(`Left out, as npm does: ${input.skipped.join(', ')}`);
    const author = await Author.open(context);
    try {
      const published = await publishPackage(context, author, input);
      context.out.answer(published, () => publishedText(published));
    } finally {
      await author.close();
    }
  } finally {
    await input.dispose();
  }
}

/** What a publish tells a person. */
export function publishedText(one: Published): string {
  const title = one.status === 'published' ? `Published ${one.name}@${one.version}` : `${one.name}@${one.version} was already published, with the same files`;
  return `${title}\n${facts([
    ['kind', one.kind],
    ['cid', one.cid],
    ['size', `${bytesText(one.size)}, ${count(one.files, 'file')}`],
    ['publisher', one.publisher],
  ])}`;
}
