import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const printer = fileURLToPath(new URL('../../../../tools/nats/print-nats-server.ts', import.meta.url));
let known: { readonly path?: string; readonly version?: string; readonly why?: string } | undefined;

/**
 * The nats-server of this machine, found or fetched by `tools/nats`; undefined when there is none, which is said in one line on
 * standard error. Throws instead where `CI=true`: there it must not be missing.
 */
export function natsProgram(): string | undefined {
  const isNews = known === undefined;
  known ??= JSON.parse(execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', printer], { encoding: 'utf8' })) as typeof known;
  if (known?.path !== undefined) return known.path;
  const why = known?.why ?? 'no nats-server';
  if (process.env['CI'] === 'true') throw new Error(`${why} (with CI=true specs must run on a real one)`);
  if (isNews) process.stderr.write(`skipped: ${why}\n`);
  return undefined;
}

/** Whether that server is of at least version 2.`minor`; false when there is none. */
export function natsIsSince(minor: number): boolean {
  return natsProgram() !== undefined && Number(known?.version?.split('.')[1]) >= minor;
}
