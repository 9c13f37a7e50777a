import { z } from 'zod';
import * as dagCbor from '@ipld/dag-cbor';
import { SoukError } from '../errors/souk-error.ts';
import { bytesOf } from '../id/bytes.ts';
import { Cid } from '../id/cid.ts';
import { KeyId } from '../id/key-id.ts';
import { PackageName } from '../id/package-name.ts';
import { Version } from '../id/version.ts';
import { Kind } from '../package/kind.ts';
import { ManifestFields } from '../package/manifest.ts';
import type { VerifiedRecord } from './signed-record.ts';
import { siteBodies } from './site-body.ts';
import { decodeCanonical } from './verify.ts';

const bytes32 = bytesOf(32);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * The first record of a log. A root's own log names itself and commits to the key that may replace it;
 * a device's log names the root it belongs to, so that nobody can adopt a key that did not agree.
 */
export const InceptionBody = z.looseObject({ rootKey: KeyId, nextRootHash: bytes32.optional() });
/** The first record of a root's replacement, whose key the root before it committed to: `from` is where the old root's log ends. */
export const RotateBody = z.looseObject({ rootKey: KeyId, nextRootHash: bytes32, from: z.looseObject({ key: KeyId, lastSeq: count, lastHash: bytes32 }) });
/** A root lets a device key write for the publisher. */
export const DelegateBody = z.looseObject({ key: KeyId, name: z.string().min(1).max(64) });
/** A root takes the right back: records of the key after `lastSeq`, or on another branch than `lastHash`, do not count; -1 and no hash for all of them. */
export const RevokeBody = z.looseObject({ key: KeyId, lastSeq: z.int().min(-1), lastHash: bytes32.nullable() });

/** Where a mirrored release came from; its bytes and integrity are that registry's own. */
export const Origin = z.looseObject({ registry: z.string().max(64), integrity: z.string().max(256).optional() });

/** The signed facts of one published version. `chunks` are SHA-256 of each 1 MiB slice; `tree` is `treeHash` of the files. */
export const ReleaseBody = z.looseObject({
  name: PackageName,
  version: Version,
  kind: Kind,
  manifest: ManifestFields,
  cid: Cid,
  integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'must be a sha512 integrity'),
  size: count,
  unpackedSize: count,
  files: count,
  tree: bytes32,
  chunks: z.array(bytes32).max(1024),
  readme: z.looseObject({ path: z.string().max(1024), excerpt: z.string().max(4096) }).optional(),
  origin: Origin.optional(),
});
/** A name for a version, such as `next`; the publisher's last word on it counts. */
export const TagBody = z.looseObject({ name: PackageName, tag: z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/, 'must be a lower-case word'), version: Version });
/** `undo` takes an earlier yank or deprecation of that version back. */
export const RetractBody = z.looseObject({ name: PackageName, version: Version, how: z.enum(['yank', 'deprecate', 'undo']), reason: z.string().max(1024) });
/** A publisher wants a scope, given without its `@`. */
export const ClaimBody = z.looseObject({ scope: z.string().regex(/^[a-z0-9~][a-z0-9._~-]*$/).max(128) });
/** Somebody else vouches for the bytes of a version. */
export const EndorseBody = z.looseObject({ name: PackageName, version: Version, cid: Cid });
/** A publisher stars a package, or takes the star back. */
export const StarBody = z.looseObject({ name: PackageName, on: z.boolean() });

/** The body schema of every kind of record that this version understands. */
export const bodies = {
  inception: InceptionBody,
  rotate: RotateBody,
  delegate: DelegateBody,
  revoke: RevokeBody,
  release: ReleaseBody,
  tag: TagBody,
  retract: RetractBody,
  claim: ClaimBody,
  endorse: EndorseBody,
  star: StarBody,
  ...siteBodies,
} as const;

/** A kind of record that this version understands. */
export type RecordKind = keyof typeof bodies;
/** The body of one kind. */
export type BodyOf<K extends RecordKind> = z.infer<(typeof bodies)[K]>;
export type ReleaseBody = z.infer<typeof ReleaseBody>;

/** A record with its body read; `kind` tells the type of `body`. */
export type Fact = { [K in RecordKind]: { readonly kind: K; readonly body: BodyOf<K>; readonly record: VerifiedRecord } }[RecordKind];

/** Whether a kind is understood; others are stored, relayed and skipped. */
export function isRecordKind(kind: string): kind is RecordKind {
  return Object.hasOwn(bodies, kind);
}

/** Facts that were read already: a record never changes, and whoever judges it asks again and again. */
const factsRead = new WeakMap<VerifiedRecord, Fact>();

/**
 * Reads a record's body, once for each record object. Undefined for a kind that this version does not know and for an erased body.
 * Throws BAD_RECORD when the body does not fit its kind's schema.
 */
export function readFact(record: VerifiedRecord): Fact | undefined {
  const { kind } = record.fields;
  if (!isRecordKind(kind) || record.body === undefined) return undefined;
  const read = factsRead.get(record);
  if (read) return read;
  const parsed = bodies[kind].safeParse(decodeCanonical(record.body, 'body'));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SoukError('BAD_RECORD', `The ${kind} record has a wrong body: ${issue?.path.join('.') || 'body'} ${issue?.message ?? ''}.`, { details: { kind, problems: parsed.error.issues.map((one) => ({ path: one.path.join('.'), message: one.message })) } });
  }
  const fact = { kind, body: parsed.data, record } as Fact;
  factsRead.set(record, fact);
  return fact;
}

/** `readFact` for those to whom a body that does not fit its schema says as little as an unknown kind: undefined instead of an error. */
export function readableFact(record: VerifiedRecord): Fact | undefined {
  try {
    return readFact(record);
  } catch {
    return undefined;
  }
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined).map(([key, one]) => [key, withoutUndefined(one)]));
}

/** Encodes a body of a known kind after checking it. Throws BAD_RECORD. */
export function encodeBody<K extends RecordKind>(kind: K, body: z.input<(typeof bodies)[K]>): Uint8Array {
  const parsed = bodies[kind].safeParse(body);
  if (!parsed.success) throw new SoukError('BAD_RECORD', `The ${kind} record can't be written: ${z.prettifyError(parsed.error)}`);
  return dagCbor.encode(withoutUndefined(parsed.data));
}
