import { routes } from '@souk/contracts';
import { SoukError, TagBody } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { signAboutVersion } from '../publish/sign-about-version.ts';

/** `souk tag NAME@V TAG`: signs that a tag names a version. */
export const tag: CommandDefinition = {
  define(command, start) {
    command
      .argument('<version>', 'NAME@VERSION')
      .argument('<tag>', 'as in latest, next or lts')
      .action((text: string, name: string) => start((context) => point(context, text, name)));
  },
};

async function point(context: Context, text: string, name: string): Promise<void> {
  if (!TagBody.shape.tag.safeParse(name).success) throw new SoukError('BAD_REQUEST', `"${name.slice(0, 80)}" can't be a tag.`, { hint: 'A tag is a lower-case word of at most 64 letters, digits, dots and dashes.' });
  const { version, signed } = await signAboutVersion(context, text, { kind: 'tag', body: (one) => ({ name: one.name, tag: name, version: one.version }) }, async (one) => {
    const { tags } = await (await context.gateway()).call(routes.getPackage, { params: { name: one.name } });
    return tags[name] === one.version;
  });
  context.out.answer({ name: version.name, version: version.version, tag: name, signed }, () => `${version.name}: ${name} is ${signed ? 'now' : 'already'} ${version.version}\n`);
}
