import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { DebianWay, ExternalTool, FoundBy, GoWay, Places, ReleaseWay } from './external-tool.ts';
import { isGood, versionOf } from './version.ts';

/** The folder below `tools` for what was fetched by each way. */
export const folderOf: Readonly<Record<FoundBy, string>> = { PATH: 'path', 'go install': 'go', Debian: 'debian', release: 'release' };

const longestStepMs = 1_800_000;

/** Fetches a program by one of its ways. Answers what went wrong in one line, undefined when nothing did. */
export function fetchBy(way: GoWay | DebianWay | ReleaseWay, tool: ExternalTool, places: Places): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'souk-tool-'));
  const work = { tool, env: { ...places.env }, folder, home: join(places.tools, folderOf[way.by]) };
  try {
    if (way.by === 'go install') return goInstall(way, work);
    return way.by === 'Debian' ? debian(way, work) : release(way, work);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Work {
  readonly tool: ExternalTool;
  readonly env: NodeJS.ProcessEnv;
  /** Temporary folder of this fetch. */
  readonly folder: string;
  /** Where the program is to lie. */
  readonly home: string;
}

interface Outcome {
  readonly why?: string;
  readonly stdout: string;
}

/** Runs a program to its end. */
function run(program: string, args: readonly string[], { folder, env }: Pick<Work, 'folder' | 'env'>): Outcome {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8', timeout: longestStepMs });
  if (error) return { stdout: '', why: 'code' in error && error.code === 'ENOENT' ? `${program} is not there` : error.message };
  return status === 0 ? { stdout } : { stdout, why: stderr.trim().split('\n').at(-1) || `${program} ended with ${status}` };
}

/** Runs steps until one fails; what went wrong with it. */
function runAll(steps: readonly (readonly [string, ...string[]])[], work: Pick<Work, 'folder' | 'env'>): string | undefined {
  for (const [program, ...args] of steps) {
    const { why } = run(program, args, work);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Moves a program that works to its place: a rename, so that nobody ever sees half of it. */
function keep(file: string, { tool, home }: Work): string | undefined {
  if (!isGood(tool, versionOf(tool, file) ?? '')) return `what was fetched is no ${tool.program} of a good version`;
  const path = join(home, tool.program);
  mkdirSync(home, { recursive: true });
  cpSync(file, `${path}.new`);
  renameSync(`${path}.new`, path);
  return undefined;
}

function goInstall(way: GoWay, work: Work): string | undefined {
  const variables = Object.entries(way.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const flags = variables.length > 0 ? ['-ldflags', variables.join(' ')] : [];
  const env = { ...work.env, GOBIN: join(work.folder, 'bin'), CGO_ENABLED: '0' };
  mkdirSync(env.GOBIN);
  const why = way.hasReplacements ? goBuild(way, flags, { ...work, env }) : run('go', ['install', ...flags, `${[way.module, way.package].filter(Boolean).join('/')}@${work.tool.pinned}`], { ...work, env }).why;
  const [built] = globSync('bin/*', { cwd: work.folder });
  return why ?? (built === undefined ? 'nothing was built' : keep(join(work.folder, built), work));
}

function goBuild(way: GoWay, flags: readonly string[], work: Work): string | undefined {
  const module = run('go', ['mod', 'download', '-json', `${way.module}@${work.tool.pinned}`], work);
  if (module.why !== undefined) return module.why;
  const { Dir } = JSON.parse(module.stdout) as { Dir: string };
  return run('go', ['build', '-C', Dir, ...flags, '-o', join(work.folder, 'bin', work.tool.program), `./${way.package ?? ''}`], work).why;
}

const isRoot = process.getuid?.() === 0;
// Only root may refresh the list of packages; everybody may read it.
const refresh: readonly (readonly [string, ...string[]])[] = isRoot ? [['apt-get', 'update', '-qq']] : [];

function debian({ packages, file }: DebianWay, work: Work): string | undefined {
  const env = { ...work.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (file === undefined) return isRoot ? runAll([...refresh, ['apt-get', 'install', '-qq', '--no-install-recommends', ...packages]], { ...work, env }) : 'only root may install packages';
  const why = runAll([...refresh, ['apt-get', 'download', '-qq', ...packages]], work);
  const debs = globSync('*.deb', { cwd: work.folder });
  return why ?? runAll(debs.map((deb) => ['dpkg-deb', '-x', deb, 'files'] as const), work) ?? keep(join(work.folder, 'files', file), work);
}

const machines: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

function release(way: ReleaseWay, work: Work): string | undefined {
  const machine = machines[process.arch];
  if (process.platform !== 'linux' || machine === undefined) return `there is none that is known for ${process.platform} ${process.arch}`;
  const [archive, sums] = [way.archive(machine), way.sums(machine)];
  const why = runAll([archive, sums].map((url) => ['curl', '-fsSL', '--connect-timeout', '15', '-O', url] as const), work);
  if (why !== undefined) return why;
  const sum = createHash('sha256').update(readFileSync(join(work.folder, basename(archive)))).digest('hex');
  const lines = readFileSync(join(work.folder, basename(sums)), 'utf8').split('\n').map((line) => line.trim().split(/\s+\*?(?:\.\/)?/));
  if (!lines.some(([listed, name]) => listed === sum && name === basename(archive))) return `${basename(archive)} does not have the sum that was released with it`;
  return runAll([['tar', '-xzf', basename(archive)]], work) ?? keep(join(work.folder, way.file(machine)), work);
}
