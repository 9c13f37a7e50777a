import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Person } from './person.ts';
import { ServicesSite } from './services-site.ts';
import { Site, type SitePlace } from './site.ts';

/** The world of one spec file: sites and people in one temporary folder, which `end` takes down. */
export class Scenario {
  /** The temporary folder that everything lies in. */
  readonly path = mkdtempSync(join(tmpdir(), 'souk-e2e-'));
  readonly #sites: Site[] = [];
  readonly #onEnd: (() => Promise<void> | void)[] = [];

  /** A new site that has not been started yet. `data`: its data folder when it is not to be a new one. */
  site(name: string, data = join(this.path, 'sites', name, 'data')): Site {
    const site = new Site(name, { data, cwd: this.folder('sites', name), env: this.environment });
    this.#sites.push(site);
    return site;
  }

  /** A new site of one process per service, with so many replicas of those that keep nothing and so many peers, that has not been started yet. */
  services(name: string, { replicas, peers = 1 }: { readonly replicas: number; readonly peers?: number }): ServicesSite {
    const site = new ServicesSite(name, { data: join(this.path, 'sites', name, 'data'), cwd: this.folder('sites', name), env: this.environment, replicas, peers });
    this.#sites.push(site);
    return site;
  }

  /** Has a site of another kind taken down at the end, and its bugs told. `make` gets its place; its data lies in the folder `data` below the site's own. */
  adopts<T extends Site>(name: string, data: string, make: (place: SitePlace) => T): T {
    const site = make({ data: join(this.path, 'sites', name, data), cwd: this.folder('sites', name), env: this.environment });
    this.#sites.push(site);
    return site;
  }

  /** Somebody new: keys are made at the first publish, the project folder is empty. */
  person(name: string): Person {
    return new Person({ home: join(this.path, 'people', name), project: this.folder('projects', name), env: this.environment });
  }

  /** A folder below the temporary one, made when missing. */
  folder(...names: string[]): string {
    const path = join(this.path, ...names);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** What every program gets of the environment: none of the developer's own settings. */
  get environment(): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.folder('home'), TMPDIR: this.folder('temporary'), LANG: 'C.UTF-8', SOUK_MDNS: 'off' };
  }

  /** Has something else taken down at the end, the last one first. */
  onEnd(work: () => Promise<void> | void): void {
    this.#onEnd.push(work);
  }

  /** Stops what runs and removes every file. Throws when a site logged a bug or ended by itself. */
  async end(): Promise<void> {
    for (const work of this.#onEnd.reverse()) await work();
    await Promise.all(this.#sites.filter((site) => site.isRunning).map((site) => site.kill()));
    await rm(this.path, { recursive: true, force: true });
    const bugs = this.#sites.flatMap((site) => site.bugs.map((line) => `${site.name}: ${line}`));
    if (bugs.length > 0) throw new Error(`Sites logged what is a bug:\n${bugs.join('\n')}`);
  }
}
