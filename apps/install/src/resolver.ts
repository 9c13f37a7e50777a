import { Injectable } from '@nestjs/common';
import type { CandidatesDoc, Resolution, ResolutionInput, ResolvedPackage } from '@souk/contracts';
import { parseName, parseRange, resolutionError, resolve, SoukError } from '@souk/domain';
import { Rpc } from '@souk/nest';
import { readReachable, requireAllBound, universeOf, withNearNames, type Reachable } from './candidates.ts';

/** A requirement's range: a tag of the package stands for the version it points at. */
function rangeOf(one: CandidatesDoc | undefined, text: string): string {
  return one?.tags[text] ?? parseRange(text);
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
  constructor(private readonly rpc: Rpc) {}

  /** Throws UNSATISFIABLE, PACKAGE_NOT_FOUND with near names, CONTESTED_NAME, RESOLUTION_TOO_HARD, BAD_NAME, BAD_RANGE. */
  async resolve(input: ResolutionInput, signal: AbortSignal): Promise<Resolution> {
    const start = performance.now();
    const wanted = Object.keys(input.dependencies).map(parseName);
    const reachable = await readReachable(this.rpc, wanted, signal);
    const unknown = wanted.find((name) => !reachable.has(name));
    if (unknown !== undefined) throw await withNearNames(this.rpc, new SoukError('PACKAGE_NOT_FOUND', `Nobody has published ${unknown}.`), unknown, signal);
    const requirements = wanted.map((name) => ({ name, range: rangeOf(reachable.get(name), input.dependencies[name] ?? '*') }));
    requireAllBound(reachable, wanted);
    const answer = resolve(universeOf(reachable), { requirements, ...(input.locked ? { locked: input.locked } : {}) });
    if (!answer.ok) {
      requireAllBound(reachable, answer.details.requirements.map((one) => one.name));
      const error = resolutionError(answer);
      const missing = answer.details.requirements.find((one) => !reachable.has(one.name))?.name;
      throw missing !== undefined ? await withNearNames(this.rpc, error, missing, signal) : error;
    }
    requireAllBound(reachable, Object.keys(answer.packages));
    const packages = Object.entries(answer.packages).map(([name, version]) => planned(reachable, name, version));
    return { packages, tookMs: performance.now() - start };
  }
}
