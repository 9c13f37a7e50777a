import { dirname, join } from 'node:path';
import type { ServiceName } from '@souk/contracts';

/** How the bundled program of a service is run. */
export interface ProgramCommand {
  /** What follows `node`. */
  readonly words: readonly string[];
  /** What its environment gets beside its settings. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Most memory for a peer's young objects, in MiB, of each of two halves; Node's own is 16. They grow to it while many peers are linked, and are
 * not given back for minutes. Worker threads have bounds of their own.
 */
const peersHalfSpaceMiB = 8;

/**
 * The command of a service's bundled program. Its compiled code is beside it (`compiled`, Node's module compile cache): compiling a whole bundle
 * takes as long as all else at a start, and leaves memory behind that is not given back.
 */
export function programCommand(service: ServiceName, entry: string): ProgramCommand {
  return {
    words: ['--disable-warning=ExperimentalWarning', ...(service === 'peer' ? [`--max-semi-space-size=${peersHalfSpaceMiB}`] : []), entry],
    env: { NODE_COMPILE_CACHE: join(dirname(entry), 'compiled'), NODE_COMPILE_CACHE_PORTABLE: '1' },
  };
}
