import { SoukError } from '@souk/domain';
import type { Context } from '../context.ts';
import { signAboutVersion } from './sign-about-version.ts';

/** How a version can be taken back, and what undoes that. */
export type How = 'yank' | 'deprecate' | 'undo';

const said: Readonly<Record<How, { readonly signed: string; readonly already: string }>> = {
  yank: { signed: 'is yanked: new installs no longer choose it, those that locked it go on', already: 'is yanked already' },
  deprecate: { signed: 'is deprecated: installs say so', already: 'is deprecated already' },
  undo: { signed: 'stands again', already: 'was neither yanked nor deprecated' },
};

/** Signs that a version is yanked, deprecated or neither, and answers what a person is told. Throws BAD_REQUEST for a reason that is too long. */
export async function retractVersion(context: Context, text: string, how: How, reason: string): Promise<void> {
  if (reason.length > 1024) throw new SoukError('BAD_REQUEST', `The reason has ${reason.length} characters; 1,024 are the most.`);
  const { version, signed } = await signAboutVersion(context, text, { kind: 'retract', body: (one) => ({ name: one.name, version: one.version, how, reason }) }, ({ retracted }) =>
    how === 'undo' ? retracted === undefined : retracted?.how === how && retracted.reason === reason,
  );
  const { name } = version;
  context.out.answer({ name, version: version.version, how, reason, signed }, () => `${name}@${version.version} ${signed ? said[how].signed : said[how].already}\n`);
}
