import { routes, type VersionDoc } from '@souk/contracts';
import { SoukError, type RetractBody, type TagBody } from '@souk/domain';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import { parseExactSpec } from '../parse-package-spec.ts';
import { Author } from './author.ts';

/** A record about a version of one's own. */
export type Remark =
  | { readonly kind: 'tag'; readonly body: (version: VersionDoc) => z.input<typeof TagBody> }
  | { readonly kind: 'retract'; readonly body: (version: VersionDoc) => z.input<typeof RetractBody> };

/**
 * Signs and sends a record about NAME@VERSION, which must be published by this user. `isDone` says that it stands already, then nothing is signed.
 * Answers whether a record was signed. Throws PACKAGE_NOT_FOUND, VERSION_NOT_FOUND, NAME_TAKEN.
 */
export async function signAboutVersion(context: Context, text: string, remark: Remark, isDone: (version: VersionDoc) => boolean | Promise<boolean>): Promise<{ readonly version: VersionDoc; readonly signed: boolean }> {
  const params = parseExactSpec(text);
  const author = await Author.open(context);
  try {
    const version = await author.gateway.call(routes.getVersion, { params });
    if (version.publisher !== author.publisher) {
      throw new SoukError('NAME_TAKEN', `${params.name} belongs to the publisher ${version.publisher}; you are ${author.publisher}.`, { hint: 'Only its own publisher can say that.', details: { name: params.name, publisher: version.publisher } });
    }
    const done = await isDone(version);
    const record = done ? undefined : remark.kind === 'tag' ? await author.sign('tag', remark.body(version)) : await author.sign('retract', remark.body(version));
    await author.send(record);
    return { version, signed: !done };
  } finally {
    await author.close();
  }
}
