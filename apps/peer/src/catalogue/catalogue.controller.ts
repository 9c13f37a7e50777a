import { Controller, UseGuards } from '@nestjs/common';
import { readCandidates, readChanges, readKnown, readPackage, readPolicyChanges, readProof, readVersion, type CandidatesDoc, type KnownInput, type KnownOutput, type PackageDoc, type Proof, type VersionDoc } from '@souk/contracts';
import type { PackageName, Version } from '@souk/domain';
import { Handles, type CallContext } from '@souk/nest';
import { takenDown } from '../append/site-rules.ts';
import { PeerRuntime } from '../peer-runtime.ts';
import { SettledGuard } from '../replication/settled.guard.ts';
import { readCandidatesOf } from './candidates.ts';
import type { Changes } from './change-page.ts';
import { chooseVersion } from './choose-version.ts';
import { knownVersions } from './known-versions.ts';
import { packageDoc } from './package-doc.ts';
import { proofOf } from './package-proof.ts';
import { requirePackage } from './package-reader.ts';
import { policyChangesAfter } from './policy-changes.ts';
import { versionDoc } from './version-doc.ts';

/** What this peer's logs say about packages. */
@Controller()
@UseGuards(SettledGuard)
export class CatalogueController {
  constructor(private readonly peer: PeerRuntime) {}

  @Handles(readPackage)
  async package({ name }: { name: PackageName }, { signal }: CallContext): Promise<PackageDoc> {
    await this.peer.packages.bring([name], signal);
    return packageDoc(await requirePackage(this.peer.packages, name));
  }

  @Handles(readVersion)
  async version({ name, version }: { name: PackageName; version: string }, { signal }: CallContext): Promise<VersionDoc> {
    const takedown = this.peer.siteLog.state.takedowns.ofVersion(name, version);
    if (takedown) throw takenDown(`${name}@${version}`, takedown);
    await this.peer.packages.bring([name], signal);
    return versionDoc(chooseVersion(await requirePackage(this.peer.packages, name), version));
  }

  @Handles(readKnown)
  async known({ versions }: KnownInput): Promise<KnownOutput> {
    return { known: await knownVersions(this.peer.data.logs, versions, this.peer.policy) };
  }

  @Handles(readProof)
  async proof({ packages }: { packages: { name: PackageName; version: Version }[] }, { signal }: CallContext): Promise<{ records: Proof }> {
    const source = this.peer.packages;
    await source.bring(packages.map((one) => one.name), signal);
    return { records: await proofOf(source, packages) };
  }

  @Handles(readCandidates)
  async candidates({ names }: { names: PackageName[] }, { signal }: CallContext): Promise<{ packages: CandidatesDoc[]; later: PackageName[] }> {
    const source = this.peer.packages;
    await source.bring(names, signal);
    return readCandidatesOf(source, names);
  }

  @Handles(readPolicyChanges)
  policyChanges({ after, limit }: { after: number; limit: number }): Promise<Changes> {
    const { siteLog, data, catalogue } = this.peer;
    return policyChangesAfter({ siteLog, logs: data.logs, catalogue }, after, limit);
  }

  @Handles(readChanges)
  changes({ after, limit }: { after: number; limit: number }): Promise<Changes> {
    return this.peer.bulk.changes({ after, limit }) ?? this.peer.changes.after(after, limit);
  }
}
