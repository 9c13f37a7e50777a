import { gzipSync } from 'node:zlib';

/** One tar entry, byte by byte as wanted: nothing is checked, so that a spec can build what no honest program writes. */
export interface RawEntry {
  readonly name: string | Uint8Array;
  readonly body?: string | Uint8Array;
  /** Type flag; `0` (file) when left out. */
  readonly type?: string;
  readonly mode?: number;
  /** Size that the header claims, as a number or as the field's 12 bytes; the body's when left out. */
  readonly size?: number | Uint8Array;
  readonly linkName?: string;
  readonly prefix?: string;
  /** Magic and version, 8 bytes; ustar when left out. */
  readonly magic?: string;
  /** What is added to the right checksum. */
  readonly checksumError?: number;
}

const block = 512;

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((block - (bytes.length % block)) % block)]);
}

/** A header block and the body, padded to whole blocks. */
export function tarEntry(entry: RawEntry): Buffer {
  const body = Buffer.from(entry.body ?? '');
  const size = entry.size ?? body.length;
  const header = Buffer.alloc(block);
  Buffer.from(entry.name).copy(header, 0, 0, 100);
  header.write(octal(entry.mode ?? 0o644, 7), 100, 'latin1');
  header.write(octal(0, 7) + octal(0, 7), 108, 'latin1');
  if (typeof size === 'number') header.write(octal(size, 11), 124, 'latin1');
  else header.set(size, 124);
  header.write(octal(0, 11), 136, 'latin1');
  header.fill(' ', 148, 156);
  header.write(entry.type ?? '0', 156, 'latin1');
  header.write(entry.linkName ?? '', 157, 100);
  header.write(entry.magic ?? 'ustar\u000000', 257, 8, 'latin1');
  header.write(entry.prefix ?? '', 345, 155);
  const sum = header.reduce((total, byte) => total + byte, 0) + (entry.checksumError ?? 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, padded(body)]);
}

/** One record of a pax header: `LENGTH KEY=VALUE\n`, where the length counts itself. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** A pax extended header (`x`), or a global one (`g`), of records or of any text. */
export function paxHeader(records: Readonly<Record<string, string>> | string, type = 'x'): Buffer {
  const body = typeof records === 'string' ? records : Object.entries(records).map(([key, value]) => paxRecord(key, value)).join('');
  return tarEntry({ name: 'PaxHeader/package', type, body });
}

/** A GNU long name (`L`) or long link target (`K`). */
export function gnuLong(text: string, type = 'L'): Buffer {
  return tarEntry({ name: '././@LongLink', type, body: `${text}\0`, magic: 'ustar  \0' });
}

/** The two blocks of zeros that end a tar stream. */
export const endMarker = Buffer.alloc(2 * block);

/** The manifest that every case begins with unless it is about manifests. */
export const manifestEntry = tarEntry({ name: 'package/package.json', body: '{"name":"case","version":"1.0.0"}\n' });

/** A .tgz of a tar stream. */
export function gzipOf(...parts: readonly Uint8Array[]): Buffer {
  return gzipSync(Buffer.concat(parts));
}

/** A .tgz that has the manifest, these entries and an end marker. */
export function packageOf(...entries: readonly (RawEntry | Uint8Array)[]): Buffer {
  return gzipOf(manifestEntry, ...entries.map((entry) => (entry instanceof Uint8Array ? entry : tarEntry(entry))), endMarker);
}

/** A sound .tgz of these files, name below the root to content. A package.json is added when there is none. */
export function packageOfFiles(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const all = { 'package.json': '{"name":"case","version":"1.0.0"}\n', ...files };
  return gzipOf(...Object.entries(all).map(([path, body]) => tarEntry({ name: `package/${path}`, body })), endMarker);
}
