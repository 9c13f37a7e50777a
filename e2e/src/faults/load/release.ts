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
  /** Where in its author's log the record is. */
  readonly seq: number;
}

/** What a version says of itself. */
export interface SmallManifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Packs and signs a version, as the author's next record, with these bytes that do not compress. */
export async function makeRelease(author: Author, manifest: SmallManifest, noise: Uint8Array): Promise<Release> {
  const { name, version } = manifest;
  const bytes = new Uint8Array(packageOfFiles({ 'package.json': JSON.stringify(manifest), 'noise.bin': Buffer.from(noise) }));
  const facts = await factsOf(bytes);
  const signed = signRelease(author, facts);
  return { name, version, cid: facts.cid, bytes, record: toWire(signed), seq: signed.fields.seq };
}
