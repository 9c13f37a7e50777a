import type { Context } from '../context.ts';
import { Author } from '../publish/author.ts';
import type { Patience } from './patience.ts';
import type { Signers } from './signers.ts';

/** The user's own keys sign; what they signed before and the site lacks is sent first. */
export async function ownSigners(context: Context, patience: Patience): Promise<Signers> {
  const author = await Author.open(context);
  try {
    await patience(() => author.send());
  } catch (error) {
    await author.close();
    throw error;
  }
  return {
    about: { kind: 'own', publisher: author.publisher },
    publisherOf: () => author.publisher,
    keep: async (archives) => {
      await author.content.putAll(archives.flatMap(({ bytes, report: { cid } }) => (bytes ? [{ cid, bytes }] : [])));
      for (const { bytes, report, read } of archives) if (!bytes) await author.content.put(report, read(), { signal: context.host.signal });
    },
    sign: (releases) => author.signReleases(releases),
    send: (records) => patience(() => author.sendReleases(records)),
    takeBack: () => author.takeBack(),
    close: () => author.close(),
  };
}
