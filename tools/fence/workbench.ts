import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The repository's top folder; specs run there. */
export const top = resolve('.');

/** Runs a program of node_modules/.bin and gives its exit code and all that it printed. */
export function runTool(program: string, args: readonly string[], cwd: string): { code: number; output: string } {
  const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
  const { status, stdout, stderr } = spawnSync(join(top, 'node_modules', '.bin', program), args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return { code: status ?? 1, output: stdout + stderr };
}

/** Makes a temporary folder with the given files (path -> content), hands it to `use`, removes it afterwards. */
export function withFiles<T>(files: Readonly<Record<string, string>>, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'souk-fence-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files of the lint configuration; a copy of them in another folder lints that folder by the same rules. */
export const lintFiles = ['.oxlintrc.json', 'tools/fence/oxlintrc.fence.json'] as const;

/**
 * Lints files as if they lay in this repository.
 * @returns for each path the rules that it broke, with the message and help of each
 */
export function lint(files: Readonly<Record<string, string>>): Map<string, { rule: string; text: string }[]> {
  return withFiles(files, (folder) => {
    for (const file of lintFiles) if (!(file in files)) cpSync(join(top, file), join(folder, file), { recursive: true });
    const { output } = runTool('oxlint', ['-f', 'json'], folder);
    const { diagnostics } = JSON.parse(output) as { diagnostics: { filename: string; code?: string; message: string; help?: string }[] };
    const broken = new Map<string, { rule: string; text: string }[]>();
    for (const { filename, code = 'syntax', message, help = '' } of diagnostics) {
      broken.set(filename, [...(broken.get(filename) ?? []), { rule: code, text: `${message} ${help}` }]);
    }
    return broken;
  });
}
