import { nearestNames, readCandidates, type CandidatesDoc } from '@souk/contracts';
import { parseName, requireBound, SoukError, type Candidate, type Universe } from '@souk/domain';
import type { PeerReads, Rpc } from '@souk/nest';

/** Names asked for in one message; the peer answers as many as fit. */
const namesPerRequest = 50;

/** Most packages that one resolution may look at. */
const maxPackages = 5000;

/** Every package that a resolution can reach, by name, as the catalogue has it now. */
export type Reachable = ReadonlyMap<string, CandidatesDoc>;

async function readSome(peers: PeerReads, names: readonly string[], found: Map<string, CandidatesDoc>, signal: AbortSignal): Promise<void> {
  let wanted = names.map(parseName);
  while (wanted.length > 0) {
    const { packages, later } = await peers.call(readCandidates, { names: wanted.slice(0, namesPerRequest) }, { signal });
    for (const one of packages) found.set(one.name, one);
    wanted = [...later, ...wanted.slice(namesPerRequest)];
  }
}

/**
 * Reads the candidates of all names, of what they require, and so on: breadth first, so that a resolution costs as many
 * rounds as its graph is deep. Names that nobody published are left out. Throws RESOLUTION_TOO_HARD beyond 5,000 packages.
 */
export async function readReachable(peers: PeerReads, names: readonly string[], signal: AbortSignal): Promise<Reachable> {
  const found = new Map<string, CandidatesDoc>();
  const asked = new Set(names);
  for (let round = [...asked]; round.length > 0; ) {
    if (asked.size > maxPackages) throw new SoukError('RESOLUTION_TOO_HARD', `These requirements reach more than ${maxPackages} packages.`, { hint: 'Ask for fewer packages at once.' });
    await readSome(peers, round, found, signal);
    const next = new Set(round.flatMap((name) => found.get(name)?.candidates.flatMap((one) => Object.keys(one.requirements)) ?? []));
    round = [...next].filter((name) => !asked.has(name));
    for (const name of round) asked.add(name);
  }
  return found;
}

/** Throws CONTESTED_NAME for the first name that belongs to nobody. */
export function requireAllBound(reachable: Reachable, names: Iterable<string>): void {
  for (const name of names) {
    const one = reachable.get(name);
    if (one) requireBound({ name, claimants: one.claimants, versions: [], tags: {}, ...(one.publisher ? { publisher: one.publisher } : {}) });
  }
}

/** The resolver's view of what was read. */
export function universeOf(reachable: Reachable): Universe {
  const lists = new Map<string, readonly Candidate[]>();
  for (const [name, one] of reachable) {
    lists.set(name, one.candidates.map(({ version, yanked, requirements }) => ({ version, yanked, requirements: Object.entries(requirements).map(([to, range]) => ({ name: to, range })) })));
  }
  return { versions: (name) => lists.get(name) };
}

/** The same refusal with names that may have been meant. */
export async function withNearNames(rpc: Rpc, error: SoukError, name: string, signal: AbortSignal): Promise<SoukError> {
  const near = await rpc.call(nearestNames, { name, limit: 3 }, { signal }).then(
    (answer) => answer.names,
    () => [],
  );
  return new SoukError(error.code, error.message, { hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : error.hint, details: { ...error.details, near } });
}
