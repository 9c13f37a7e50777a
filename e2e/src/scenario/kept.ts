import { createHash } from 'node:crypto';
import { writePackage } from '../packages/written-package.ts';
import type { Person } from './person.ts';
import type { Site } from './site.ts';

/** What a site acknowledged, and must never lose. */
export interface Acknowledged {
  readonly name: string;
  readonly version: string;
  readonly cid: string;
}

/** Publishes a small package of a name and answers what was acknowledged. Throws when it was not. */
export async function publishSmall(one: Person, folder: string, manifest: Readonly<Record<string, unknown>> & { readonly name: string }, files: Readonly<Record<string, string>> = {}): Promise<Acknowledged> {
  const said = await one.souk('publish', writePackage(folder, { ...manifest, version: manifest['version'] ?? '1.0.0' }, files));
  const { status, name, version, cid } = (said.json ?? {}) as Partial<Acknowledged> & { status?: string };
  if (status !== 'published' || !name || !version || !cid) throw new Error(`${manifest.name} was not published (${said.code}): ${said.stdout}${said.stderr}`);
  return { name, version, cid };
}

/** Throws unless a site answers and still has everything that it acknowledged, bytes included. */
export async function requireKept(site: Site, acknowledged: readonly Acknowledged[]): Promise<void> {
  const ready = await site.get('/readyz').catch((error: unknown) => ({ status: 0, body: String(error) }));
  if (ready.status !== 200) throw new Error(`${site.name} is not ready: ${JSON.stringify(ready)}\n${site.log}`);
  const losses = await Promise.all(acknowledged.map((one) => loss(site, one)));
  const lines = losses.filter((line) => line !== undefined);
  if (lines.length > 0) throw new Error(lines.join('\n'));
}

async function loss(site: Site, { name, version, cid }: Acknowledged): Promise<string | undefined> {
  const path = `/v1/packages/${encodeURIComponent(name)}/${version}`;
  const { status, body } = await site.get(path);
  if (status !== 200 || (body as { cid?: string }).cid !== cid) return `${site.name} lost ${name}@${version}: ${status} ${JSON.stringify(body)}`;
  const answer = await fetch(new URL(`${path}/tarball`, site.url));
  const bytes = Buffer.from(await answer.arrayBuffer());
  const { integrity } = body as { integrity: string };
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}` === integrity ? undefined : `${site.name} gives other bytes for ${name}@${version} (${answer.status})`;
}
