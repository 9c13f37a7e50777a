import fc from 'fast-check';

/**
 * Where the random inputs of the property tests begin: the same in every run, so that a change is judged and not its luck. To look for what
 * nobody has met yet, run them with `SOUK_PROPERTY_SEED=random`, or with the number that a failed run printed.
 */
const wanted = process.env['SOUK_PROPERTY_SEED'];
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted ?? 1) });

/** fast-check, with a seed. */
export { fc };
