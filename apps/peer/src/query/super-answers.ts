import { searchPackages, type FoundPackage, type PackageSummary, type SearchQuery } from '@souk/contracts';
import { readableFact, subject, type Catalogue, type VerifiedRecord } from '@souk/domain';
import type { Rpc } from '@souk/nest';
import type { Evidence, Found, QuerySource, SourceOptions } from '@souk/p2p';
import { behindKey, evidenceOfList, evidenceOfPackages, Gathered, type EvidenceLogs } from './evidence.ts';

/** How long the search service of this site may take for one page, in milliseconds. */
const searchMs = 1000;
const page = 500;

/** What a super-peer answers from. */
export interface SuperAnswersNeeds {
  readonly logs: EvidenceLogs;
  readonly catalogue: Pick<Catalogue, 'package'>;
  readonly rpc: Pick<Rpc, 'call'>;
}

/** Answers of this site's super-peer: out of the logs that it holds, and what its site's search service finds. */
export function superAnswers({ logs, catalogue, rpc }: SuperAnswersNeeds): QuerySource {
  return {
    packages: (names, options) => evidenceOfPackages(logs, names, options),
    followed: (list, options) => evidenceOfList(logs, list, options),
    search: async (query, options) => {
      const answer = await rpc.call(searchPackages, query, { timeoutMs: searchMs, signal: options.signal });
      return foundWith(await provenHits({ logs, catalogue }, answer.items, options), query, answer);
    },
  };
}

type Hits = Evidence & { readonly hits: FoundPackage[]; readonly isWhole: boolean };

/** The hits whose releases are held here and fit into an answer, and the records that prove them. */
async function provenHits({ logs, catalogue }: Omit<SuperAnswersNeeds, 'rpc'>, items: readonly PackageSummary[], { maxBytes, signal }: SourceOptions): Promise<Hits> {
  const gathered = new Gathered(maxBytes);
  const hits: FoundPackage[] = [];
  for (const { name, version, versions, updatedAt, deprecated } of items) {
    signal.throwIfAborted();
    const release = (await catalogue.package(name))?.versions.find((one) => one.version === version)?.record;
    if (!release) continue;
    const retractions = deprecated === undefined ? [] : await retractionsOf(logs, name, version);
    if (!gathered.takes([...(await behindKey(logs, release.key)), release, ...retractions])) return { hits, records: gathered.records, isWhole: false };
    hits.push({ name, version, versions, updatedAt });
  }
  return { hits, records: gathered.records, isWhole: true };
}

async function retractionsOf(logs: EvidenceLogs, name: string, version: string): Promise<VerifiedRecord[]> {
  const about = await logs.about(subject.ofPackage(name), 0, page);
  return about.flatMap(({ record }) => {
    const fact = readableFact(record);
    return fact?.kind === 'retract' && fact.body.version === version ? [record] : [];
  });
}

function foundWith({ hits, records, isWhole }: Hits, { offset }: SearchQuery, answer: { readonly total: number; readonly facets: Found['facets']; readonly next?: number | undefined; readonly partial?: boolean | undefined }): Evidence & { readonly found: Found } {
  const next = isWhole ? answer.next : offset + hits.length;
  const { total, facets, partial } = answer;
  return { records, found: { total, hits, facets, ...(next === undefined ? {} : { next }), ...(partial === true ? { partial } : {}) } };
}
