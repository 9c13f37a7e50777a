import { Injectable } from '@nestjs/common';
import type { CandidatesDoc, Resolution, ResolutionInput, ResolvedPackage } from '@souk/contracts';
import { insteadOf, isInRange, isRange, parseName, parseRange, resolutionError, resolve, SoukError, versionNotFound, type PublishedVersions } from '@souk/domain';
import { PeerReads, Rpc } from '@souk/nest';
import { readReachable, requireAllBound, universeOf, withNearNames, type Reachable } from './candidates.ts';

const tagPattern = /^[a-z][a-z0-9._-]{0,63}$/;

const publishedOf = ({ candidates, tags }: CandidatesDoc): PublishedVersions => ({ versions: candidates.map((one) => one.version).toReversed(), tags });

/** A requirement's range: a tag of the package stands for the version it points at. Throws VERSION_NOT_FOUND for a tag that there is not, BAD_RANGE. */
function rangeOf(one: CandidatesDoc | undefined, text: string): string {
  if (one && Object.hasOwn(one.tags, text)) return one.tags[text] as string;
  if (one && !isRange(text) && tagPattern.test(text)) throw versionNotFound(one.name, text, publishedOf(one));
  return parseRange(text);
}

/** The refusal, with what there is instead of a version of the first package that was asked for in vain. */
function withVersions(error: SoukError, reachable: Reachable, requirements: readonly { readonly name: string; readonly range: string }[]): SoukError {
  for (const { name, range } of requirements) {
    const one = reachable.get(name);
    if (!one || one.candidates.some((candidate) => isInRange(candidate.version, range))) continue;
    const { hint, details } = insteadOf(range, publishedOf(one));
    return new SoukError(error.code, error.message, { hint: `${name}: ${hint}`, details: { ...error.details, name, wanted: range, ...details }, cause: error });
  }
  return error;
}

function planned(reachable: Reachable, name: string, version: string): ResolvedPackage {
  const one = reachable.get(name);
  const candidate = one?.candidates.find((candidates) => candidates.version === version);
  if (!one?.publisher || !candidate) throw new SoukError('INTERNAL', `The resolver chose ${name}@${version}, which it was not given.`);
  return { name: one.name, version: candidate.version, cid: candidate.cid, integrity: candidate.integrity, size: candidate.size, publisher: one.publisher, requires: candidate.requirements };
}

/** Resolves requirements over the site's catalogue as it is now. */
@Injectable()
export class Resolver {
  constructor(
    private readonly rpc: Rpc,
    private readonly peers: PeerReads,
  ) {}

  /** Throws UNSATISFIABLE, PACKAGE_NOT_FOUND with near names, VERSION_NOT_FOUND with near tags, CONTESTED_NAME, RESOLUTION_TOO_HARD, BAD_NAME, BAD_RANGE. */
  async resolve(input: ResolutionInput, signal: AbortSignal): Promise<Resolution> {
    const start = performance.now();
    const wanted = Object.keys(input.dependencies).map(parseName);
    const reachable = await readReachable(this.peers, wanted, signal);
    const unknown = wanted.find((name) => !reachable.has(name));
    if (unknown !== undefined) throw await withNearNames(this.rpc, new SoukError('PACKAGE_NOT_FOUND', `Nobody has published ${unknown}.`), unknown, signal);
    const requirements = wanted.map((name) => ({ name, range: rangeOf(reachable.get(name), input.dependencies[name] ?? '*') }));
    requireAllBound(reachable, wanted);
    const answer = resolve(universeOf(reachable), { requirements, ...(input.locked ? { locked: input.locked } : {}) });
    if (!answer.ok) {
      requireAllBound(reachable, answer.details.requirements.map((one) => one.name));
      const error = resolutionError(answer);
      const missing = answer.details.requirements.find((one) => !reachable.has(one.name))?.name;
      throw missing !== undefined ? await withNearNames(this.rpc, error, missing, signal) : withVersions(error, reachable, requirements);
    }
    requireAllBound(reachable, Object.keys(answer.packages));
    const packages = Object.entries(answer.packages).map(([name, version]) => planned(reachable, name, version));
    return { packages, tookMs: performance.now() - start };
  }
}
