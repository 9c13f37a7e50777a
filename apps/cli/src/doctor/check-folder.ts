import { isSoukError, found, type CheckStep } from '@souk/domain';
import { examineDisk, examineFolder } from '@souk/store';
import type { Context } from '../context.ts';

const hour = 3_600_000;

/** Examines a data folder. Answers false when a site uses it, so that only what needs no lock was looked at. */
export async function* checkFolder({ host }: Context, folder: string, options: { readonly fix: boolean; readonly blobs: boolean }): AsyncGenerator<CheckStep, boolean> {
  const percent = Number.parseFloat(host.env['SOUK_STORAGE_MIN_FREE'] || '5');
  const rules = { ...options, graceMs: hour, minFree: (Number.isFinite(percent) ? percent : 5) / 100, now: host.now(), signal: host.signal };
  try {
    yield* examineFolder(folder, rules);
    return true;
  } catch (error) {
    if (!isSoukError(error)) throw error;
    if (error.code === 'STORAGE_LOCKED') {
      yield* examineDisk(folder, rules);
      yield found({ check: 'folder', level: 'note', what: error.message, why: 'Records and blobs are looked at through the site, as far as it answers.', todo: 'Stop the site to have the folder itself examined.' });
      return false;
    }
    if (error.code === 'CANCELLED') throw error;
    yield found({ check: 'folder', level: 'problem', what: error.message, todo: error.hint });
    return true;
  }
}
