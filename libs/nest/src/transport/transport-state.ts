import type { Readiness } from '../health/readiness.ts';
import type { Log } from '../log/log.ts';
import type { ConnectionOptions } from './connection.ts';
import type { TransportOptions } from './transport.ts';

/**
 * Makes a service ready only while its transport works, where that may cease to be so, and says so in the log: once when it breaks or
 * breaks for another reason, not once per attempt, and once when it works again.
 */
export function watchTransport(transport: TransportOptions, readiness: Readiness, log: Log): ConnectionOptions['onState'] {
  if (transport.type !== 'nats') return undefined;
  const condition = readiness.condition('connected to NATS');
  let last: string | undefined = 'not yet';
  return ({ problem }) => {
    if (problem === undefined) condition.met();
    else condition.unmet(problem);
    if (problem === undefined && last !== undefined) log.info('connected to NATS');
    if (problem !== undefined && problem !== last) log.warn('This service is not connected to NATS; it tries again', { problem });
    last = problem;
  };
}
