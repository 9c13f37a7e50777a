import { spawnSync } from 'node:child_process';

/** The nats-server that is built where Go is there. */
export const pinnedVersion = 'v2.15.2';
/** The oldest one that specs may run on: headers, "no responders" and queue permissions as Souk uses them. */
const oldest = [2, 9, 0] as const;

/** Whether a version of nats-server, `v2.15.2` or `2.9.10-beta`, is one that Souk works with. */
export function isGood(version: string): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  if (parts[0] !== oldest[0]) return false;
  for (const [index, least] of oldest.entries()) if (parts[index] !== least) return (parts[index] ?? 0) > least;
  return true;
}

/** What `nats-server --version` says of itself, e.g. `v2.15.2`; undefined when the file is no nats-server. */
export function versionOf(program: string): string | undefined {
  const { stdout, error } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return error ? undefined : /^nats-server: (v?\d\S*)/.exec(stdout)?.[1];
}
