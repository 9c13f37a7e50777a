import { createHash } from 'node:crypto';
import type { KeyId } from '../id/key-id.ts';
import { readFact } from './body.ts';
import type { VerifiedRecord } from './signed-record.ts';

/**
 * What records can be found by, beside their log. A subject of a key names the log it is written in,
 * so that strangers can't fill the answers about somebody else's keys.
 */
export const subject = {
  /** Releases, tags and retractions of a package. */
  ofPackage: (name: string): string => `package:${name}`,
  /** Endorsements of a package. */
  ofEndorsements: (name: string): string => `endorse:${name}`,
  /** Stars of a package. */
  ofStars: (name: string): string => `star:${name}`,
  /** Claims of a scope. */
  ofScope: (scope: string): string => `scope:${scope}`,
  /** Delegations and revocations of `key` in the log of `root`. */
  ofGrant: (root: KeyId, key: KeyId): string => `grant:${root}:${key}`,
  /** The first record of the log whose key has this SHA-256 (hexadecimal): how a committed next root is found. */
  ofSuccessor: (keyHash: string): string => `root:${keyHash}`,
} as const;

/** The subject of a record, undefined for kinds that nobody looks up and for bodies that do not fit their schema. */
export function subjectOf(record: VerifiedRecord): string | undefined {
  let fact;
  try {
    fact = readFact(record);
  } catch {
    return undefined;
  }
  switch (fact?.kind) {
    case 'release':
    case 'tag':
    case 'retract':
      return subject.ofPackage(fact.body.name);
    case 'endorse':
      return subject.ofEndorsements(fact.body.name);
    case 'star':
      return subject.ofStars(fact.body.name);
    case 'claim':
      return subject.ofScope(fact.body.scope);
    case 'delegate':
    case 'revoke':
      return subject.ofGrant(record.key, fact.body.key);
    case 'rotate':
      return subject.ofSuccessor(createHash('sha256').update(record.fields.key).digest('hex'));
    default:
      return undefined;
  }
}
