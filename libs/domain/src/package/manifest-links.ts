import type { ManifestProblems } from './manifest-problems.ts';
import { isEmpty, isObject, oneLine } from './manifest-text.ts';

/** Longest address that is kept. */
export const maxUrlLength = 1024;

/** Where the source lives. */
export interface Repository {
  readonly type: string;
  readonly url: string;
  readonly directory?: string;
}

/** Where to report a bug. */
export interface Bugs {
  readonly url?: string;
  readonly email?: string;
}

const hosts: Readonly<Record<string, string>> = { github: 'github.com', gitlab: 'gitlab.com', bitbucket: 'bitbucket.org', gist: 'gist.github.com' };
const sourceScheme = /^(?:(?:git|svn|hg|bzr|rsync|file)\+)?(?:https?|ssh|git|svn|hg|bzr|ftp|file|rsync):/i;

/**
 * A web address, `http://` put before a bare host name as npm does. A text that is none is dropped, as npm does with a mistyped one:
 * only http and https may become a link, never `javascript:`.
 */
export function webAddress(field: string, value: unknown, problems: ManifestProblems): string | undefined {
  if (isEmpty(value)) return undefined;
  if (typeof value !== 'string') return problems.wrong(field, value, 'a web address');
  const text = value.trim();
  const whole = /^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]|$)/.test(text) ? `http://${text}` : text;
  return isClean(whole) && /^https?:\/\/[^/]/i.test(whole) && URL.canParse(whole) ? whole : undefined;
}

function isClean(text: string): boolean {
  return text.length <= maxUrlLength && text.isWellFormed() && oneLine(text, maxUrlLength) === text;
}

/** The bug tracker, from an object or one text that is an address or an e-mail address. */
export function bugsField(value: unknown, problems: ManifestProblems): Bugs | undefined {
  if (isEmpty(value)) return undefined;
  if (typeof value === 'string' && /^[^\s:/]+@[^\s:/]+$/.test(value.trim())) return { email: oneLine(value, 256) };
  if (typeof value === 'string') return bugs(webAddress('bugs', value, problems), undefined);
  if (!isObject(value)) return problems.wrong('bugs', value, 'an address or an object { url, email }');
  const { email } = value;
  if (!isEmpty(email) && typeof email !== 'string') problems.wrong('bugs.email', email, 'a text');
  return bugs(webAddress('bugs.url', value['url'], problems), typeof email === 'string' ? oneLine(email, 256) : undefined);
}

function bugs(url: string | undefined, email: string | undefined): Bugs | undefined {
  return url || email ? { ...(url ? { url } : {}), ...(email ? { email } : {}) } : undefined;
}

/** The source repository, from npm's object or its short forms (`owner/name`, `gitlab:owner/name`, `gist:id`, an address). What is no address is dropped. */
export function repositoryField(value: unknown, problems: ManifestProblems): Repository | undefined {
  if (isEmpty(value)) return undefined;
  const given = typeof value === 'string' ? { url: value } : value;
  if (!isObject(given)) return problems.wrong('repository', value, 'an address or an object { type, url, directory }');
  for (const key of ['type', 'url', 'directory']) {
    if (!isEmpty(given[key]) && typeof given[key] !== 'string') return problems.wrong(`repository.${key}`, given[key], 'a text');
  }
  const text = String(given['url'] ?? '').trim();
  if (isEmpty(given['url']) || text === '') return undefined;
  const url = sourceAddress(text);
  if (url === undefined) return undefined;
  const directory = isEmpty(given['directory']) ? '' : oneLine(String(given['directory']), maxUrlLength);
  return { type: isEmpty(given['type']) ? 'git' : oneLine(String(given['type']), 32) || 'git', url, ...(directory ? { directory } : {}) };
}

function sourceAddress(text: string): string | undefined {
  const short = /^(?:(github|gitlab|bitbucket|gist):)?([\w.-]+(?:\/[\w.-]+)*?)(?:\.git)?(#\S*)?$/.exec(text);
  const [, host, path = '', fragment = ''] = short ?? [];
  if (short && (host || /^[^/]+\/[^/]+$/.test(path))) return `git+https://${hosts[host ?? 'github']}/${path}.git${fragment}`;
  if (!isClean(text)) return undefined;
  if (sourceScheme.test(text) || /^[\w.-]+@[\w.-]+:(?!\/\/)/.test(text)) return text;
  return /^[\w-]+(?:\.[\w-]+)+\//.test(text) ? `http://${text}` : undefined;
}
