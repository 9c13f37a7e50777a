import type { ArchiveLimits } from './archive-limits.ts';
import { violation, type Violation } from './archive-rules.ts';

// NUL, C0, DEL, C1, line and paragraph separators, bidirectional embeddings, overrides and isolates
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

// what HFS+ leaves out when it compares names, as git lists it
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

const drive = /^[A-Za-z]:/;
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])[ ]*(?:\..*)?$/i;

// Windows drops trailing dots and spaces, so that ".. " climbs and " " is the folder itself
const climbs = /^\.\.[. ]*$/;
const nothing = /^\.?[ ]*$/;

const ascii = /^[\0-\x7f]*$/;

function bytesIn(text: string): number {
  return ascii.test(text) ? text.length : Buffer.byteLength(text);
}

function isGitFolder(part: string): boolean {
  const plain = part.replace(ignoredByHfs, '').replace(/[. ]+$/, '').toLowerCase();
  return plain === '.git' || plain === 'git~1';
}

/** A name without what some file systems ignore: letter case, Unicode form, trailing dots and spaces. Equal keys may be one file. */
export function foldPath(path: string): string {
  const untrailed = path.replace(/[. ]+(?=\/|$)/g, '');
  return untrailed.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC');
}

function partViolations(part: string, entry: string, limits: ArchiveLimits): Violation[] {
  const shown = JSON.stringify(part.slice(0, 80));
  if (climbs.test(part)) return [violation('traversal', entry, 'The name climbs out of its folder with "..".')];
  if (nothing.test(part)) return [violation('unclean-path', entry, 'The name has an empty or "." part.')];
  const found: Violation[] = [];
  if (bytesIn(part) > limits.maxPartBytes) found.push(violation('name-too-long', entry, `A part of the name has more than ${limits.maxPartBytes} bytes.`));
  if (drive.test(part)) found.push(violation('absolute-path', entry, `The part ${shown} names a drive.`));
  if (device.test(part)) found.push(violation('reserved-name', entry, `Windows reserves the name ${shown} for a device.`));
  if (isGitFolder(part)) found.push(violation('git-folder', entry, 'A .git folder could run code when git is used beside it.'));
  return found;
}

function wholeViolations(path: string, depth: number, limits: ArchiveLimits): Violation[] {
  const found: Violation[] = [];
  if (path.startsWith('/')) found.push(violation('absolute-path', path, 'The name starts with "/".'));
  if (control.test(path)) found.push(violation('control-character', path, 'The name has a control character.'));
  if (path.includes('\\')) found.push(violation('backslash', path, 'The name has a backslash.'));
  if (!ascii.test(path) && path.normalize('NFC') !== path) found.push(violation('not-nfc', path, 'The name is not in Unicode normalization form C.'));
  if (depth > limits.maxDepth) found.push(violation('too-deep', path, `The name has more than ${limits.maxDepth} parts.`));
  return found;
}

/**
 * What is wrong with one name of an archive, root included and without a folder's closing slash; each rule at most once.
 * A name that passes is relative, clean and means the same file below any folder of any common file system.
 */
export function pathViolations(path: string, limits: ArchiveLimits): Violation[] {
  if (bytesIn(path) > limits.maxPathBytes) return [violation('path-too-long', path, `The name has more than ${limits.maxPathBytes} bytes.`)];
  const absolute = path.startsWith('/');
  const parts = (absolute ? path.slice(1) : path).split('/');
  const found = new Map<string, Violation>();
  for (const one of wholeViolations(path, parts.length, limits)) found.set(one.rule, one);
  for (const part of parts) {
    for (const one of partViolations(part, path, limits)) if (!found.has(one.rule)) found.set(one.rule, one);
  }
  return [...found.values()];
}
