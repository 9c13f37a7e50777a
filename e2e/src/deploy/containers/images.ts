import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsProgram } from '@souk/testing/nats';
import { repository } from '../../scenario/repository.ts';
import { baseImages } from './base-images.ts';
import type { Podman } from './podman.ts';

/** The images of Souk. */
export const apps = ['peer', 'search', 'install', 'reputation', 'gateway', 'cli'] as const;
export type App = (typeof apps)[number];

/** The moment that all files of the images are of, in seconds since 1970. */
const epoch = '1700000000';

/** The name of a service's image. */
export const imageOf = (app: App | 'nats'): string => `localhost/souk-${app}`;

/** Builds every image from the sources as they are; what did not change since the last time is not built again. */
export async function buildImages(podman: Podman): Promise<void> {
  const stage = 'localhost/souk-build-stage';
  // Named, so that it outlives the cleaning up below: it is what takes long.
  await podman.build(repository, ...(await settings(podman)), '--target', 'build', '--tag', stage);
  for (const app of apps) await buildImage(podman, app, imageOf(app));
  await natsImage(podman);
  await podman.run('image', 'prune', '--force');
}

/** Builds one image. `revision` is what its label says. */
export async function buildImage(podman: Podman, app: App, tag: string, revision = 'unknown'): Promise<void> {
  await podman.build(repository, ...(await settings(podman)), '--build-arg', `APP=${app}`, '--build-arg', `REVISION=${revision}`, '--tag', tag);
}

async function settings(podman: Podman): Promise<string[]> {
  const { base, build } = await baseImages(podman);
  return ['--timestamp', epoch, '--build-arg', `BASE=${base}`, '--build-arg', `BUILD=${build}`];
}

/** NATS as an image, from the nats-server of this machine. */
async function natsImage(podman: Podman): Promise<void> {
  const program = natsProgram();
  if (program === undefined) throw new Error('no nats-server');
  const folder = mkdtempSync(join(tmpdir(), 'souk-nats-image-'));
  try {
    cpSync(program, join(folder, 'nats-server'));
    const { base } = await baseImages(podman);
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\nCOPY nats-server /nats-server\nUSER 10001:10001\nENTRYPOINT ["/nats-server"]\n`);
    await podman.build(folder, '--timestamp', epoch, '--tag', imageOf('nats'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
