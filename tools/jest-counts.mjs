import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './setup.mjs';

/**
 * Runs jest by `jest(words)`, a step, and counts what it counted. A suite that could not run is a failure, and so is an end
 * without a failed test: no spec found, or jest broke down itself.
 * @param {(words: string[]) => Promise<number>} jest runs jest with more words and answers its exit code
 * @param {string} name of the file that jest writes its results to
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>} what passed, failed and was skipped
 */
export async function countedJest(jest, name) {
  const file = join(root, 'node_modules', '.cache', 'souk', name);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const exitCode = await jest(['--ci', '--json', '--outputFile', file]);
  const tests = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const failures = (tests?.numFailedTests ?? 0) + (tests?.numRuntimeErrorTestSuites ?? 0);
  return {
    passed: tests?.numPassedTests ?? 0,
    failed: Math.max(failures, exitCode === 0 ? 0 : 1),
    skipped: (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0),
  };
}

/** What the last line says: `N passed, N failed`, and what was skipped if anything was. */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
