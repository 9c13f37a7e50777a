import { SoukError } from '../errors/souk-error.ts';
import type { KeyId, PublisherId } from '../id/key-id.ts';
import type { LogStore, StoredRecord } from '../ports/log-store.ts';
import { storedEvidence } from '../publisher/evidence.ts';
import { readWriter, type Writer } from '../publisher/writer.ts';
import { readFact } from '../record/body.ts';
import { subject } from '../record/subject.ts';
import { foldPackage } from './fold-package.ts';
import type { Bindings, PackageState } from './package-state.ts';

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

function bySight(records: readonly StoredRecord[], writers: ReadonlyMap<KeyId, Writer>, policy: (name: string) => PublisherId | undefined): Bindings {
  return {
    publisherOf: (name, claimants) => {
      const bound = policy(name);
      if (bound !== undefined) return claimants.includes(bound) ? bound : undefined;
      const first = records.find((one) => one.record.fields.kind === 'release' && claimants.includes(writers.get(one.record.key)?.publisher as PublisherId));
      return first && writers.get(first.record.key)?.publisher;
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
  readonly #policy: (name: string) => PublisherId | undefined;

  /** `policy` names the publisher that a name is bound to by the site; where it is silent, first sight decides. */
  constructor(logs: Logs, policy: (name: string) => PublisherId | undefined = () => undefined) {
    this.#logs = logs;
    this.#policy = policy;
  }

  /** The state of a package, undefined when nothing that counts is published under the name. */
  async package(name: string): Promise<PackageState | undefined> {
    const records = await everythingAbout(this.#logs, name);
    if (records.length === 0) return undefined;
    const writers = new Map<KeyId, Writer>();
    for (const key of new Set(records.map((one) => one.record.key))) writers.set(key, await this.writer(key));
    return foldPackage(name, records, writers, bySight(records, writers, this.#policy));
  }

  /** For whom a key writes. */
  writer(key: KeyId): Promise<Writer> {
    return readWriter(storedEvidence(this.#logs), key);
  }

  /** Package names in ascending order, those after `after`; at most `limit`. Contested and unreadable ones are among them. */
  async names(after: string | undefined, limit: number): Promise<string[]> {
    const prefix = subject.ofPackage('');
    const found = await this.#logs.subjects(prefix, after === undefined ? undefined : prefix + after, limit);
    return found.map((one) => one.slice(prefix.length));
  }
}

/** Throws CONTESTED_NAME when a package has several claimants and no binding. */
export function requireBound(state: PackageState): PackageState & { readonly publisher: PublisherId } {
  if (state.publisher !== undefined) return state as PackageState & { publisher: PublisherId };
  throw new SoukError('CONTESTED_NAME', `${state.name} is claimed by ${state.claimants.length} publishers: ${state.claimants.join(', ')}.`, {
    hint: `Decide by the policy line: names: { "${state.name}": "${state.claimants[0] ?? ''}" }.`,
    details: { name: state.name, claimants: [...state.claimants] },
  });
}
