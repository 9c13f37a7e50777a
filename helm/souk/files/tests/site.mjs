import { setTimeout as delay } from 'node:timers/promises';

/** The site that is tried, and how long it may take to answer. */
export const site = process.env.SOUK_SITE;
const patienceMs = 60_000;

/** Waits until the site is ready to do its work. Throws what kept it from that. */
export async function untilReady() {
  const end = Date.now() + patienceMs;
  for (;;) {
    const problem = await fetch(`${site}/readyz`, { signal: AbortSignal.timeout(5000) }).then(
      async (answer) => (answer.ok ? undefined : `${answer.status} ${await answer.text()}`),
      (error) => error.cause?.message ?? error.message,
    );
    if (problem === undefined) return;
    if (Date.now() > end) throw new Error(`${site} is not ready: ${problem}`);
    await delay(500);
  }
}
