import { SoukError } from '../errors/souk-error.ts';
import type { KeyId, PublisherId } from '../id/key-id.ts';
import type { LogStore, StoredRecord } from '../ports/log-store.ts';
import { storedEvidence } from '../publisher/evidence.ts';
import { readWriter, type Writer } from '../publisher/writer.ts';
import { readableFact, readFact } from '../record/body.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import { subject } from '../record/subject.ts';
import { foldPackage } from './fold-package.ts';
import { noPolicy, type Bindings, type CataloguePolicy, type PackageState } from './package-state.ts';

/** Most records about one package that are folded; those seen first win, so a late flood changes nothing. */
const maxFacts = 20_000;
const page = 1000;

type Logs = Pick<LogStore, 'read' | 'about' | 'fork' | 'subjects'>;

async function everythingAbout(logs: Logs, name: string): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  while (records.length < maxFacts) {
    const next = await logs.about(subject.ofPackage(name), records.at(-1)?.arrival ?? 0, page);
    records.push(...next);
    if (next.length < page) break;
  }
  return records;
}

function bindingsOf(name: string, records: readonly StoredRecord[], writers: ReadonlyMap<KeyId, Writer>, policy: CataloguePolicy): Bindings {
  const publisherOf = ({ record }: StoredRecord): PublisherId | undefined => writers.get(record.key)?.publisher;
  return {
    boundTo: policy.boundTo(name),
    firstOf: (claimants) => {
      const releases = records.filter((one) => one.record.fields.kind === 'release' && claimants.includes(publisherOf(one) as PublisherId));
      const [first] = releases;
      const atOnce = releases.some((one) => one.firstSeen === first?.firstSeen && publisherOf(one) !== publisherOf(first));
      return first && (policy.alwaysBySight || !atOnce) ? publisherOf(first) : undefined;
    },
    cidOf: (_name, version, cids) => {
      for (const { record } of records) {
        const fact = record.fields.kind === 'release' ? readFact(record) : undefined;
        if (fact?.kind === 'release' && fact.body.version === version && cids.includes(fact.body.cid)) return fact.body.cid;
      }
      return undefined;
    },
  };
}

/** The packages that a peer's logs define. Holds nothing of its own: every answer is folded from the logs, so it is never stale and opens at once. */
export class Catalogue {
  readonly #logs: Logs;
  readonly #policy: CataloguePolicy;

  /** `policy` is what the site decides; where it is silent, first sight does. */
  constructor(logs: Logs, policy: CataloguePolicy = noPolicy) {
    this.#logs = logs;
    this.#policy = policy;
  }

  /** The state of a package, undefined when nothing that counts is published under the name. */
  async package(name: string): Promise<PackageState | undefined> {
    const records = (await everythingAbout(this.#logs, name)).filter((one) => !this.#isTakenDown(one.record));
    if (records.length === 0) return undefined;
    const writers = new Map<KeyId, Writer>();
    for (const key of new Set(records.map((one) => one.record.key))) writers.set(key, await this.writer(key));
    const state = foldPackage(name, records, writers, bindingsOf(name, records, writers, this.#policy));
    const ban = state?.publisher === undefined ? undefined : this.#policy.banOf(state.publisher);
    return state && ban ? { ...state, ban } : state;
  }

  /** For whom a key writes. */
  async writer(key: KeyId): Promise<Writer> {
    if (this.#policy.isShutOut(key)) return { key, problem: 'is banned at this site', proof: [] };
    return readWriter(storedEvidence(this.#logs), key);
  }

  #isTakenDown(record: VerifiedRecord): boolean {
    if (record.fields.kind !== 'release') return false;
    const fact = readableFact(record);
    return fact?.kind === 'release' && this.#policy.isTakenDown(fact.body, { key: record.key, seq: record.fields.seq });
  }

  /** Package names in ascending order, those after `after`; at most `limit`. Contested and unreadable ones are among them. */
  async names(after: string | undefined, limit: number): Promise<string[]> {
    const prefix = subject.ofPackage('');
    const found = await this.#logs.subjects(prefix, after === undefined ? undefined : prefix + after, limit);
    return found.map((one) => one.slice(prefix.length));
  }
}

/** Throws BANNED for a package whose publisher is banned at this site. */
export function requireNotBanned(state: PackageState): void {
  if (state.ban === undefined) return;
  const { until, reason } = state.ban;
  const end = until === undefined ? '' : ` until ${new Date(until).toISOString()}`;
  throw new SoukError('BANNED', `The publisher of ${state.name} is banned at this site${end}${reason === '' ? '' : `: ${reason}`}.`, {
    hint: 'An administrator of the site can lift the ban: souk policy unban publisher ID.',
    details: { name: state.name, publisher: state.publisher, ...(until === undefined ? {} : { until }) },
  });
}

/** Throws CONTESTED_NAME when a name belongs to nobody here who has published it, BANNED when its publisher is banned. */
export function requireBound(state: PackageState): PackageState & { readonly publisher: PublisherId } {
  requireNotBanned(state);
  if (state.publisher !== undefined) return state as PackageState & { publisher: PublisherId };
  const bound = state.boundTo === undefined ? '' : `, and bound at this site to ${state.boundTo}, who has not published it`;
  throw new SoukError('CONTESTED_NAME', `${state.name} is claimed by ${state.claimants.length === 1 ? '' : `${state.claimants.length} publishers: `}${state.claimants.join(', ')}${bound}.`, {
    hint: `An administrator of the site decides: souk policy bind ${state.name} ${state.claimants[0] ?? 'PUBLISHER'}`,
    details: { name: state.name, claimants: [...state.claimants] },
  });
}
