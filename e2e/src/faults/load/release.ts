import { toWire, type WireRecord } from '@souk/domain';
import { packageOfFiles } from '@souk/testing/archives';
import type { Author } from '@souk/testing/builders';
import { factsOf, signRelease } from '../../packages/signed-release.ts';

/** A version that is ready to be published, always by the same bytes. */
export interface Release {
  readonly name: string;
  readonly version: string;
  readonly cid: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly record: WireRecord;
}

/** Packs and signs a version, as the author's next record, with that many bytes that do not compress. */
export async function makeRelease(author: Author, name: string, version: string, noise: Uint8Array): Promise<Release> {
  const bytes = new Uint8Array(packageOfFiles({ 'package.json': JSON.stringify({ name, version }), 'noise.bin': Buffer.from(noise) }));
  const facts = await factsOf(bytes);
  return { name, version, cid: facts.cid, bytes, record: toWire(signRelease(author, facts)) };
}
