import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isGood, pinnedVersion, versionOf } from './version.ts';
import { withLock } from './with-lock.ts';

/** A nats-server that can be run, and how it came to be there. */
export interface FoundNatsServer {
  readonly path: string;
  readonly version: string;
  readonly by: 'PATH' | 'go install' | 'Debian';
}

/** Where to look, and where to put what has to be fetched. */
export interface Places {
  /** Environment of the programs that are run; its PATH is searched. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for fetched programs; git ignores it. */
  readonly tools: string;
  /** Called before something is fetched, which takes a while. */
  readonly onFetch?: () => void;
}

type Attempt = FoundNatsServer | { readonly why: string };

const longestFetchMs = 600_000;
/** After a failure nobody tries again for a while: without a network each try takes its time. */
const retryAfterMs = 600_000;

/**
 * Finds a nats-server: on PATH with a good version, else built by `go install` into `.tools/`, else out of Debian's package, unpacked
 * there too. What was fetched once is used again. Without any of these: why, in one line.
 */
export function findNatsServer(places: Places): Attempt {
  const present = onPath(places) ?? fetched(places);
  if (present) return present;
  mkdirSync(places.tools, { recursive: true });
  return withLock(join(places.tools, 'nats-server.lock'), () => fetched(places) ?? failedLately(places) ?? fetch(places));
}

function onPath({ env }: Places): FoundNatsServer | undefined {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const found = folder === '' ? undefined : at(join(folder, 'nats-server'), 'PATH');
    if (found) return found;
  }
  return undefined;
}

const homes = { 'go install': 'go/nats-server', Debian: 'debian/nats-server' } as const;

function fetched({ tools }: Places): FoundNatsServer | undefined {
  return at(join(tools, homes['go install']), 'go install') ?? at(join(tools, homes.Debian), 'Debian');
}

function at(path: string, by: FoundNatsServer['by']): FoundNatsServer | undefined {
  const version = existsSync(path) ? versionOf(path) : undefined;
  return version !== undefined && isGood(version) ? { path, version, by } : undefined;
}

const failureFile = ({ tools }: Places): string => join(tools, 'nats-server.failed');

function failedLately(places: Places): Attempt | undefined {
  const file = failureFile(places);
  if (!existsSync(file) || Date.now() - statSync(file).mtimeMs > retryAfterMs) return undefined;
  return { why: readFileSync(file, 'utf8') };
}

function fetch(places: Places): Attempt {
  places.onFetch?.();
  const failures: string[] = [];
  for (const way of [goInstall, debianPackage]) {
    const outcome = way(places);
    if ('path' in outcome) return outcome;
    failures.push(outcome.why);
  }
  const why = `no nats-server: not on PATH; ${failures.join('; ')}`;
  writeFileSync(failureFile(places), why);
  return { why };
}

function goInstall(places: Places): Attempt {
  const home = join(places.tools, homes['go install']);
  const module = `github.com/nats-io/nats-server/v2@${pinnedVersion}`;
  return inFolder((folder) => {
    const failure = run('go', ['install', module], { ...places, env: { ...places.env, GOBIN: folder, CGO_ENABLED: '0' } }, folder);
    return failure ? { why: `go install: ${failure}` } : keep(join(folder, 'nats-server'), home, 'go install');
  });
}

/** Unpacks the package instead of installing it, so that no service starts and nothing of the machine changes. */
function debianPackage(places: Places): Attempt {
  return inFolder((folder) => {
    const failure = debianSteps.map(([program, ...args]) => () => run(program, args, places, folder)).reduce<string | undefined>((failed, step) => failed ?? step(), undefined);
    if (failure) return { why: `Debian: ${failure}` };
    const deb = readdirSync(folder).find((file) => file.endsWith('.deb')) ?? 'nothing';
    const unpacked = run('dpkg-deb', ['-x', deb, 'files'], places, folder);
    return unpacked ? { why: `Debian: ${unpacked}` } : keep(join(folder, 'files/usr/sbin/nats-server'), join(places.tools, homes.Debian), 'Debian');
  });
}

const debianSteps: readonly (readonly [string, ...string[]])[] = [
  // Only root may refresh the list of packages; everybody may read it.
  ...(process.getuid?.() === 0 ? [['apt-get', 'update', '-qq'] as const] : []),
  ['apt-get', 'download', '-qq', 'nats-server'],
];

/** Moves a program that works to its place: a rename, so that nobody ever sees half of it. */
function keep(program: string, home: string, by: FoundNatsServer['by']): Attempt {
  if (!at(program, by)) return { why: `${by}: what was fetched is no nats-server of a good version` };
  mkdirSync(join(home, '..'), { recursive: true });
  cpSync(program, `${home}.new`);
  renameSync(`${home}.new`, home);
  return at(home, by) ?? { why: `${by}: ${home} does not run` };
}

/** Runs a program to its end; what went wrong in one line, undefined when nothing did. */
function run(program: string, args: readonly string[], { env }: Places, cwd: string): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, { cwd, env: { ...env }, encoding: 'utf8', timeout: longestFetchMs });
  if (error) return 'code' in error && error.code === 'ENOENT' ? `${program} is not there` : error.message;
  return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? `${program} ended with ${status}`);
}

function inFolder(use: (folder: string) => Attempt): Attempt {
  const folder = mkdtempSync(join(tmpdir(), 'souk-nats-server-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
