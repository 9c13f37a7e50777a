import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ExternalTool, FoundTool, Places } from './external-tool.ts';
import { fetchBy, folderOf } from './fetch-tool.ts';
import { isGood, versionOf } from './version.ts';
import { withLock } from './with-lock.ts';

/** After a failure nobody tries again for a while: without a network each try takes its time. */
const retryAfterMs = 600_000;

/**
 * Finds a program: on PATH with a good version, else by the first of its ways that works. What was fetched once is used again.
 * Without any: why, in one line.
 */
export function findTool(tool: ExternalTool, places: Places): FoundTool | { readonly why: string } {
  const present = onPath(tool, places) ?? fetched(tool, places);
  if (present) return present;
  mkdirSync(places.tools, { recursive: true });
  return withLock(join(places.tools, `${tool.program}.lock`), () => fetched(tool, places) ?? failedLately(tool, places) ?? fetch(tool, places));
}

function onPath(tool: ExternalTool, { env }: Places): FoundTool | undefined {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, tool.program);
    const version = folder === '' || !existsSync(path) ? undefined : versionOf(tool, path);
    if (version !== undefined && isGood(tool, version)) return { path, version, by: 'PATH' };
  }
  return undefined;
}

function fetched(tool: ExternalTool, { tools }: Places): FoundTool | undefined {
  for (const { by } of tool.ways) {
    const path = join(tools, folderOf[by], tool.program);
    const version = existsSync(path) ? versionOf(tool, path) : undefined;
    // Debian has one version; what could be chosen has to be the one that was.
    if (version !== undefined && (by === 'Debian' ? isGood(tool, version) : bare(version) === bare(tool.pinned))) return { path, version, by };
  }
  return undefined;
}

const bare = (version: string): string => version.replace(/^v/, '');

const failureFile = ({ program }: ExternalTool, { tools }: Places): string => join(tools, `${program}.failed`);

function failedLately(tool: ExternalTool, places: Places): { readonly why: string } | undefined {
  const file = failureFile(tool, places);
  if (!existsSync(file) || Date.now() - statSync(file).mtimeMs > retryAfterMs) return undefined;
  return { why: readFileSync(file, 'utf8') };
}

function fetch(tool: ExternalTool, places: Places): FoundTool | { readonly why: string } {
  places.onFetch?.();
  const failures: string[] = [];
  for (const way of tool.ways) {
    const why = fetchBy(way, tool, places);
    const found = why === undefined ? (onPath(tool, places) ?? fetched(tool, places)) : undefined;
    if (found) return found;
    failures.push(`${way.by}: ${why ?? 'what was fetched is not where it should be'}`);
  }
  const why = `no ${tool.program}: not on PATH; ${failures.join('; ')}`;
  writeFileSync(failureFile(tool, places), why);
  return { why };
}
