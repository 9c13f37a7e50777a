import { spawnSync } from 'node:child_process';
import type { ExternalTool } from './external-tool.ts';

/** Whether a version, `v2.15.2` or `2.9.10-beta`, is one that will do. */
export function isGood({ good }: Pick<ExternalTool, 'good'>, version: string): boolean {
  const [major, minor] = /^v?(\d+)\.(\d+)\.\d+/.exec(version)?.slice(1).map(Number) ?? [];
  const least = major === undefined ? undefined : good[major];
  return least !== undefined && minor !== undefined && minor >= least;
}

/** What a program says of its version, e.g. `v2.15.2`; undefined when the file is no such program. */
export function versionOf({ asks, says, pinned }: Pick<ExternalTool, 'asks' | 'says' | 'pinned'>, file: string): string | undefined {
  const { stdout, stderr, error } = spawnSync(file, asks, { encoding: 'utf8', timeout: 30_000 });
  if (error) return undefined;
  return says === undefined ? pinned : says.exec(`${stdout}\n${stderr}`)?.[1];
}
