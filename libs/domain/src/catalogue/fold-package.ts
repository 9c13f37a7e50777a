import semver from 'semver';
import { toHex } from '../id/bytes.ts';
import type { KeyId, PublisherId } from '../id/key-id.ts';
import { readFact, type Fact } from '../record/body.ts';
import type { StoredRecord } from '../ports/log-store.ts';
import { counts, type Writer } from '../publisher/writer.ts';
import type { Bindings, PackageState, VersionState } from './package-state.ts';

type PackageFact = Extract<Fact, { kind: 'release' | 'tag' | 'retract' }>;
type ReleaseFact = Extract<Fact, { kind: 'release' }>;

/** A fact with its publisher and its place in that publisher's order. */
interface Placed<F extends PackageFact = PackageFact> {
  readonly fact: F;
  readonly publisher: PublisherId;
  readonly firstSeen: number;
  readonly order: string;
}

function place(stored: StoredRecord, writers: ReadonlyMap<KeyId, Writer>): Placed | undefined {
  const { record } = stored;
  const writer = writers.get(record.key);
  if (writer?.publisher === undefined || !counts(writer, record.fields.seq)) return undefined;
  let fact: Fact | undefined;
  try {
    fact = readFact(record);
  } catch {
    return undefined;
  }
  if (fact?.kind !== 'release' && fact?.kind !== 'tag' && fact?.kind !== 'retract') return undefined;
  // (clock, hash): the order of a publisher's facts, whatever order they arrived in.
  return { fact, publisher: writer.publisher, firstSeen: stored.firstSeen, order: record.fields.clock.toString(16).padStart(14, '0') + toHex(record.hash) };
}

const isRelease = (one: Placed): one is Placed<ReleaseFact> => one.fact.kind === 'release';

function latestRetraction(facts: readonly Placed[], version: string): VersionState['retracted'] {
  const last = facts.findLast((one) => one.fact.kind === 'retract' && one.fact.body.version === version)?.fact;
  if (last?.kind !== 'retract' || last.body.how === 'undo') return undefined;
  return { how: last.body.how, reason: last.body.reason };
}

function foldVersion(name: string, version: string, facts: readonly Placed[], bindings: Bindings): VersionState | undefined {
  const releases = facts.filter(isRelease).filter((one) => one.fact.body.version === version);
  const cids = [...new Set(releases.map((one) => one.fact.body.cid as string))].sort();
  const bound = cids.length === 1 ? cids[0] : bindings.cidOf(name, version, cids);
  const kept = releases.find((one) => one.fact.body.cid === bound);
  if (!kept) return undefined;
  const retracted = latestRetraction(facts, version);
  return {
    version,
    release: kept.fact.body,
    record: kept.fact.record,
    publisher: kept.publisher,
    firstSeen: Math.min(...releases.filter((one) => one.fact.body.cid === bound).map((one) => one.firstSeen)),
    ...(retracted ? { retracted } : {}),
    equivocations: releases.filter((one) => one.fact.body.cid !== bound).map((one) => one.fact.record),
  };
}

function foldTags(facts: readonly Placed[], versions: readonly VersionState[]): Record<string, string> {
  const held = new Map(versions.map((one) => [one.version, one]));
  const installable = versions.filter((one) => one.retracted?.how !== 'yank');
  const newest = installable.findLast((one) => semver.prerelease(one.version) === null) ?? installable.at(-1) ?? versions.at(-1);
  const tags: Record<string, string> = newest ? { latest: newest.version } : {};
  for (const { fact } of facts) {
    if (fact.kind !== 'tag') continue;
    if (held.get(fact.body.version)?.retracted?.how !== 'yank' && held.has(fact.body.version)) tags[fact.body.tag] = fact.body.version;
  }
  return Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A binding has the last word, also against the only claimant; without one, a name with one claimant is its own. */
function publisherAmong(claimants: readonly PublisherId[], { boundTo, firstOf }: Bindings): PublisherId | undefined {
  if (boundTo !== undefined) return claimants.includes(boundTo) ? boundTo : undefined;
  return claimants.length === 1 ? claimants[0] : firstOf(claimants);
}

/**
 * Folds the records about one package into its state. Pure: it depends on the set of records, the writers behind them and
 * the bindings, not on the order of arrival. Undefined when no release counts.
 */
export function foldPackage(name: string, records: readonly StoredRecord[], writers: ReadonlyMap<KeyId, Writer>, bindings: Bindings): PackageState | undefined {
  const placed = records
    .map((one) => place(one, writers))
    .filter((one) => one !== undefined && one.fact.body.name === name)
    .sort((a, b) => ((a as Placed).order < (b as Placed).order ? -1 : 1)) as Placed[];
  const claimants = [...new Set(placed.filter(isRelease).map((one) => one.publisher))].sort();
  if (claimants.length === 0) return undefined;
  const publisher = publisherAmong(claimants, bindings);
  const own = placed.filter((one) => one.publisher === publisher);
  const names = [...new Set(own.filter(isRelease).map((one) => one.fact.body.version as string))].sort(semver.compare);
  const versions = names.map((version) => foldVersion(name, version, own, bindings)).filter((one) => one !== undefined);
  const bound = publisher === undefined && bindings.boundTo !== undefined ? { boundTo: bindings.boundTo } : {};
  return { name, ...(publisher === undefined ? {} : { publisher }), ...bound, claimants, versions, tags: foldTags(own, versions) };
}
