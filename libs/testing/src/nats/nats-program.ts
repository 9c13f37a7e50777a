import { findExternal } from '../external/external-program.ts';

const isSaid = { yet: false };

/**
 * The nats-server of this machine, found or fetched by `tools/external`; undefined when there is none, which is said in one line on
 * standard error. Throws instead where `CI=true`: there it must not be missing.
 */
export function natsProgram(): string | undefined {
  const found = findExternal('nats-server');
  if ('path' in found) return found.path;
  if (process.env['CI'] === 'true') throw new Error(`${found.why} (with CI=true specs must run on a real one)`);
  if (!isSaid.yet) process.stderr.write(`skipped: ${found.why}\n`);
  isSaid.yet = true;
  return undefined;
}

/** Whether that server is of at least version 2.`minor`; false when there is none. */
export function natsIsSince(minor: number): boolean {
  const found = findExternal('nats-server');
  return natsProgram() !== undefined && 'version' in found && Number(found.version.split('.')[1]) >= minor;
}
