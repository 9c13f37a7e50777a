import { brokenRule } from './bad-archive.ts';

/** What extended headers say about the entry that follows them; only what Souk lets them say. */
export interface Extension {
  /** Name, from a pax `path` record or a GNU long name. */
  path?: string;
  /** Size, from a pax `size` record. */
  size?: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Records that describe an entry without changing what it is or where it goes; times, owners and attributes are dropped anyway. */
const harmless = /^(?:[amc]time|[ug]id|[ug]name|comment|LIBARCHIVE\.(?:creationtime|xattr\..+)|SCHILY\.(?:dev|ino|nlink|fflags|(?:xattr|acl)\..+))$/;

function textOf(body: Uint8Array, what: string): string {
  try {
    return utf8.decode(body);
  } catch {
    throw brokenRule('bad-encoding', '', `${what} is not UTF-8.`);
  }
}

/**
 * The records of a pax extended header (POSIX.1-2017, pax, "pax Extended Header"): `LENGTH KEYWORD=VALUE\n`, LENGTH in bytes of the whole record.
 * Throws `bad-header` unless the records fill the body exactly.
 */
export function paxRecords(body: Uint8Array): [key: string, value: string][] {
  const records: [string, string][] = [];
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const digits = space === -1 || space - at > 8 ? '' : Buffer.from(body.subarray(at, space)).toString('latin1');
    const end = at + Number(digits);
    const equals = body.indexOf(0x3d, space);
    if (!/^[1-9][0-9]*$/.test(digits) || end > body.length || body[end - 1] !== 0x0a || equals === -1 || equals <= space + 1 || equals >= end) {
      throw brokenRule('bad-header', '', 'An extended header is malformed.');
    }
    const key = textOf(body.subarray(space + 1, equals), 'A keyword of an extended header');
    const isText = key === 'path' || key === 'size' || key === 'comment';
    records.push([key, isText ? textOf(body.subarray(equals + 1, end - 1), `The ${key} of an extended header`) : '']);
    at = end;
  }
  return records;
}

function set<K extends keyof Extension>(extension: Extension, key: K, value: NonNullable<Extension[K]>): void {
  if (extension[key] !== undefined && extension[key] !== value) throw brokenRule('ambiguous-header', '', `Two extended headers give one entry two values of ${key}.`);
  extension[key] = value as Extension[K];
}

/**
 * Adds a pax extended header to what is known of the next entry. Anything that could make it another entry than its own header says -
 * a link, another size, a sparse file, another character set - is `ambiguous-header`.
 */
export function extendByPax(extension: Extension, body: Uint8Array): void {
  for (const [key, value] of paxRecords(body)) {
    if (key === 'path' && value !== '' && !value.includes('\0')) set(extension, 'path', value);
    else if (key === 'size' && /^[0-9]{1,15}$/.test(value)) set(extension, 'size', Number(value));
    else if (!harmless.test(key)) throw brokenRule('ambiguous-header', '', `An extended header sets ${JSON.stringify(key.slice(0, 80))}.`);
  }
}

/** Adds a GNU long name (type L): the name, closed by a NUL. */
export function extendByLongName(extension: Extension, body: Uint8Array): void {
  const end = body.indexOf(0);
  const name = textOf(end === -1 ? body : body.subarray(0, end), 'A long name');
  if (name === '' || (end !== -1 && body.subarray(end).some((byte) => byte !== 0))) throw brokenRule('bad-header', '', 'A long name is malformed.');
  if (extension.path !== undefined) throw brokenRule('ambiguous-header', '', 'One entry has two long names.');
  extension.path = name;
}

/** Checks a global extended header: git writes one with a comment, and nothing else has a use in a package. */
export function checkGlobalPax(body: Uint8Array): void {
  for (const [key] of paxRecords(body)) {
    if (key !== 'comment') throw brokenRule('ambiguous-header', '', `A global header sets ${JSON.stringify(key.slice(0, 80))} for all entries.`);
  }
}
