import type { CandidatesDoc } from '@souk/contracts';
import { requireNotBanned, requirementsOf, type Catalogue, type PackageName, type PackageState, type VersionState } from '@souk/domain';
import { fitting, MessageBudget } from '../message-budget.ts';
import { Pace } from '../pace.ts';

const maxClaimants = 100;
const maxCandidates = 2000;

function candidateOf(one: VersionState): CandidatesDoc['candidates'][number] {
  const { version, cid, integrity, size, kind, manifest } = one.release;
  return {
    version,
    cid,
    integrity,
    size,
    requirements: Object.fromEntries(requirementsOf(manifest, kind).map(({ name, range }) => [name, range])),
    yanked: one.retracted?.how === 'yank',
  };
}

function candidatesOf(state: PackageState): CandidatesDoc {
  return {
    name: state.name as PackageName,
    ...(state.publisher === undefined ? {} : { publisher: state.publisher }),
    claimants: state.claimants.slice(0, maxClaimants),
    tags: state.tags as CandidatesDoc['tags'],
    candidates: state.versions.slice(-maxCandidates).reverse().map(candidateOf),
  };
}

/**
 * What a resolver may choose from, newest versions first; names that nobody published are absent. An answer is one message: names that
 * no longer fit are left for `later`, and a package that alone is too large gives the newest versions that fit.
 */
export async function readCandidatesOf(catalogue: Pick<Catalogue, 'package'>, names: readonly PackageName[]): Promise<{ packages: CandidatesDoc[]; later: PackageName[] }> {
  const pace = new Pace();
  const budget = new MessageBudget();
  const packages: CandidatesDoc[] = [];
  for (const [index, name] of names.entries()) {
    await pace.step();
    const state = await catalogue.package(name);
    if (!state) continue;
    requireNotBanned(state);
    const all = candidatesOf(state);
    if (budget.takes(all)) packages.push(all);
    else if (packages.length > 0) return { packages, later: names.slice(index) };
    else packages.push({ ...all, candidates: fitting(all.candidates, budget) });
  }
  return { packages, later: [] };
}
