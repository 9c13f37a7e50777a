import { Body, Controller, Param, Req, Res } from '@nestjs/common';
import { readKnown, readProof, readStars, routes, type FilesDoc, type KnownInput, type KnownOutput, type PackageDoc, type VersionDoc } from '@souk/contracts';
import { SoukError, type PackageName, type Version, type WireRecord } from '@souk/domain';
import { clientSignal, PeerReads } from '@souk/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ArchiveReader } from './archive-reader.ts';
import { BlobClient } from './blob-client.ts';
import { PackageReader } from './package-reader.ts';
import { forwarded, sendBlob } from './send-blob.ts';
import { Serves } from './serves.ts';
import { StaleNote } from './stale-note.ts';

interface Versioned {
  name: PackageName;
  version: string;
}

/** Packages, their versions, and what is inside them. */
@Controller()
export class PackagesController {
  constructor(
    private readonly packages: PackageReader,
    private readonly archives: ArchiveReader,
    private readonly blobs: BlobClient,
    private readonly peers: PeerReads,
    private readonly stale: StaleNote,
  ) {}

  @Serves(routes.getStars)
  async stars(@Param({ schema: routes.getStars.params }) { name }: { name: PackageName }): Promise<{ stars: number }> {
    return { stars: (await this.peers.call(readStars, { names: [name] })).stars[name] ?? 0 };
  }

  @Serves(routes.getPackage)
  async package(@Param({ schema: routes.getPackage.params }) { name }: { name: PackageName }): Promise<PackageDoc> {
    return { ...(await this.packages.package(name)), ...(await this.stale.added()) };
  }

  @Serves(routes.getVersion)
  async version(@Param({ schema: routes.getVersion.params }) { name, version }: Versioned): Promise<VersionDoc> {
    return { ...(await this.packages.version(name, version)), ...(await this.stale.added()) };
  }

  @Serves(routes.postVersions)
  known(@Body({ schema: routes.postVersions.body }) input: KnownInput, @Res({ passthrough: true }) reply: FastifyReply): Promise<KnownOutput> {
    return this.peers.call(readKnown, input, { signal: clientSignal(reply) });
  }

  @Serves(routes.getTarball)
  async tarball(@Param({ schema: routes.getTarball.params }) { name, version }: Versioned, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const found = await this.packages.version(name, version);
    const blob = await this.blobs.getRelease(found, forwarded(request), clientSignal(reply));
    await sendBlob(reply, blob, `${found.name.replace('/', '-').replace('@', '')}-${found.version}.tgz`);
  }

  @Serves(routes.getReadme)
  async readme(@Param({ schema: routes.getReadme.params }) { name, version }: Versioned): Promise<{ path: string; text: string }> {
    const { readme } = await this.archives.report(await this.packages.version(name, version));
    if (!readme) throw new SoukError('NOT_FOUND', `${name} has no README.`);
    return { path: readme.path, text: readme.text };
  }

  @Serves(routes.getFiles)
  async files(@Param({ schema: routes.getFiles.params }) { name, version }: Versioned): Promise<FilesDoc> {
    const found = await this.packages.version(name, version);
    const { files, tree } = await this.archives.report(found);
    return { name: found.name, version: found.version, tree, files: [...files] };
  }

  @Serves(routes.getProof)
  proof(@Param({ schema: routes.getProof.params }) { name, version }: { name: PackageName; version: Version }): Promise<{ records: WireRecord[] }> {
    return this.peers.call(readProof, { packages: [{ name, version }] });
  }
}
