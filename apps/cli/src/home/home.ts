import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Host } from '../host.ts';

/** Where the user's own things lie: SOUK_HOME, else `~/.souk`. Everything there is readable by its owner only. */
export interface Home {
  readonly path: string;
  /** Settings, JSON. */
  readonly config: string;
  /** Tokens of sites, JSON. */
  readonly tokens: string;
  /** Secret keys, one file each. */
  readonly keys: string;
  /** The publisher that this computer writes for, where it joined one or lost its root. */
  readonly publisher: string;
  /** The logs that this user writes, one file per key. */
  readonly logs: string;
  /** Blobs by cid, so that nothing is downloaded twice. */
  readonly blobs: string;
  /** Signed records that prove installed packages, so that they can be installed again without a site. */
  readonly proofs: string;
  /** Held by the one process that may sign. */
  readonly lock: string;
  /** Data of a site that `souk up` starts without `--data`. */
  readonly site: string;
}

/** The places below SOUK_HOME. */
export function homeOf(host: Pick<Host, 'env' | 'cwd'>): Home {
  const path = resolve(host.cwd, host.env['SOUK_HOME'] || join(host.env['HOME'] || homedir(), '.souk'));
  const below = (name: string): string => join(path, name);
  return { path, config: below('config.json'), tokens: below('tokens.json'), keys: below('keys'), publisher: below('publisher'), logs: below('logs'), blobs: below('store'), proofs: below('proofs'), lock: below('lock'), site: below('site') };
}
