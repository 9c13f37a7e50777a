import { SoukError } from '@souk/domain';
import { answerParent } from './asked-process.ts';

/** A process that is asked by the spec of such processes. */
const handlers = {
  twice: (value: number) => 2 * value,
  refuse: () => {
    throw new SoukError('RATE_LIMITED', 'Too many questions.', { details: { left: 0 } });
  },
  fail: () => {
    throw new TypeError('a mistake');
  },
  never: () => new Promise<void>(() => undefined),
};
/** What it answers. */
export type ExampleHost = typeof handlers;
answerParent(handlers);
