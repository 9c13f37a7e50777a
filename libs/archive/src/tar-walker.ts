import type { EntryHeader } from '@souk/domain';
import { brokenRule } from './bad-archive.ts';
import { npmReading, npmTakes } from './npm-reading.ts';
import { checkGlobalPax, extendByLongName, extendByPax, type Extension } from './pax-records.ts';
import { blockBytes, readTarHeader, type TarHeader } from './tar-header.ts';

/** What a walk through a tar stream meets, in order. An entry is followed by its data and one end. */
export type TarEvent = { readonly kind: 'entry'; readonly header: EntryHeader } | { readonly kind: 'data'; readonly bytes: Uint8Array } | { readonly kind: 'end' };

/** Most bytes of an extended header's body. */
const maxExtensionBytes = 65_536;

/** Most bytes of all extended headers: enough for 100,000 long names, and not for hours of parsing. */
const maxExtensionBytesInAll = 16 * 1_048_576;

/** Most extended headers of one entry; real archives have one or two. */
const maxExtensions = 4;

/** Fewest zeros that end a stream: two blocks. */
const endMarkerBytes = 2 * blockBytes;

const zeros = Buffer.alloc(65_536);

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (!zeros.subarray(0, part.length).equals(part)) return false;
  }
  return true;
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

/**
 * Walks through an uncompressed tar stream. It is strict so that the stream has one meaning only: where tar programs differ it throws
 * BAD_ARCHIVE instead of choosing. It judges the format, not the entries; those go to the domain's ArchivePolicy.
 */
export class TarWalker {
  #state: 'header' | 'extension' | 'body' | 'padding' | 'end' = 'header';
  /** Bytes that the state still waits for. */
  #left = blockBytes;
  /** Bytes of padding behind the body. */
  #padding = 0;
  #held: Uint8Array[] = [];
  #zeros = 0;
  #extensions: { readonly type: string; readonly body: Uint8Array }[] = [];
  #extensionType = '';
  #extensionBytes = 0;

  /** What the next bytes hold; throws BAD_ARCHIVE when they break the format. */
  *push(chunk: Uint8Array): Generator<TarEvent> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === 'end') return this.#takeEnd(chunk.subarray(at));
      const part = chunk.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      if (this.#state === 'body') yield { kind: 'data', bytes: part };
      else if (this.#state !== 'padding') this.#held.push(part);
      if (this.#left === 0) yield* this.#step();
    }
  }

  /** Checks that the stream ended where it may; throws `truncated`, `no-end-marker`, `bad-header`. */
  finish(): void {
    if (this.#state === 'end' && this.#zeros >= endMarkerBytes) return;
    const between = this.#state === 'header' && this.#left === blockBytes;
    if (!between && this.#state !== 'end') throw brokenRule('truncated', '', 'The tar stream ends inside an entry.');
    throw brokenRule('no-end-marker', '', 'The tar stream has no end marker.');
  }

  *#step(): Generator<TarEvent> {
    switch (this.#state) {
      case 'header':
        return yield* this.#takeHeader(this.#takeHeld());
      case 'extension':
        this.#extensions.push({ type: this.#extensionType, body: this.#takeHeld().subarray(0, -this.#padding || undefined) });
        return this.#await('header', blockBytes);
      case 'body':
        yield { kind: 'end' };
        return this.#padding > 0 ? this.#await('padding', this.#padding) : this.#await('header', blockBytes);
      default:
        return this.#await('header', blockBytes);
    }
  }

  *#takeHeader(block: Uint8Array): Generator<TarEvent> {
    if (isZero(block)) {
      if (this.#extensions.length > 0) throw brokenRule('bad-header', '', 'An extended header has no entry.');
      this.#state = 'end';
      this.#zeros = blockBytes;
      return;
    }
    const header = readTarHeader(block);
    this.#padding = padding(header.size);
    if (header.type === 'x' || header.type === 'g' || header.type === 'L') return this.#awaitExtension(block, header);
    yield { kind: 'entry', header: this.#entryOf(block, header) };
    if (header.size > 0) return this.#await('body', header.size);
    yield { kind: 'end' };
    this.#await('header', blockBytes);
  }

  #awaitExtension(block: Uint8Array, header: TarHeader): void {
    if (!npmTakes(block)) throw brokenRule('ambiguous-header', '', 'npm would leave out an extended header.');
    if (header.size > maxExtensionBytes) throw brokenRule('bad-header', '', `An extended header has more than ${maxExtensionBytes} bytes.`);
    this.#extensionBytes += header.size;
    if (this.#extensionBytes > maxExtensionBytesInAll) throw brokenRule('bad-header', '', `The extended headers have more than ${maxExtensionBytesInAll} bytes in all.`);
    if (header.size === 0) throw brokenRule('bad-header', '', 'An extended header is empty.');
    if (this.#extensions.length >= maxExtensions) throw brokenRule('bad-header', '', `An entry has more than ${maxExtensions} extended headers.`);
    this.#extensionType = header.type;
    this.#await('extension', header.size + this.#padding);
  }

  #entryOf(block: Uint8Array, header: TarHeader): EntryHeader {
    const extensions = this.#extensions;
    this.#extensions = [];
    const extension: Extension = {};
    for (const { type, body } of extensions) {
      if (type === 'g') checkGlobalPax(body);
      else if (type === 'x') extendByPax(extension, body);
      else extendByLongName(extension, body);
    }
    const path = extension.path ?? header.path;
    const type = typeOf(header.type);
    checkSize(header, type, extension, path);
    if (type === 'file' || type === 'folder') {
      const longName = extensions.some((one) => one.type === 'L') ? extension.path : undefined;
      checkNpmReading(block, extensions.filter((one) => one.type === 'x').map((one) => one.body), longName, { path, size: header.size, type });
    }
    return { path, pathIsUtf8: extension.path !== undefined || header.pathIsUtf8, type, mode: header.mode, size: header.size };
  }

  #takeEnd(bytes: Uint8Array): void {
    if (!isZero(bytes)) throw brokenRule('trailing-data', '', 'Something other than zeros follows the end marker.');
    this.#zeros += bytes.length;
  }

  #takeHeld(): Uint8Array {
    const [first] = this.#held;
    const whole = first && this.#held.length === 1 ? first : Buffer.concat(this.#held);
    this.#held = [];
    return whole;
  }

  #await(state: 'header' | 'extension' | 'body' | 'padding', bytes: number): void {
    this.#state = state;
    this.#left = bytes;
  }
}

function typeOf(flag: string): EntryHeader['type'] {
  if (flag === '0') return 'file';
  if (flag === '5') return 'folder';
  return flag === '1' || flag === '2' || flag === 'K' ? 'link' : 'special';
}

function checkSize(header: TarHeader, type: EntryHeader['type'], extension: Extension, path: string): void {
  if (type !== 'file' && header.size > 0) {
    const rule = type === 'link' ? 'link' : type === 'special' ? 'special-file' : 'ambiguous-header';
    throw brokenRule(rule, path, 'An entry that is no file has a body.');
  }
  if (extension.size !== undefined && extension.size !== header.size) throw brokenRule('ambiguous-header', path, 'Two headers give the entry two sizes.');
  if (type !== 'link' && header.linkName !== '') throw brokenRule('ambiguous-header', path, 'An entry that is no link has a link target.');
}

function checkNpmReading(block: Uint8Array, pax: readonly Uint8Array[], longName: string | undefined, own: { path: string; size: number; type: 'file' | 'folder' }): void {
  const npm = npmReading(block, pax, longName);
  const folder = own.type === 'folder' || own.path.endsWith('/');
  const sameType = folder ? npm?.type === 'Directory' : npm?.type === 'File' || npm?.type === 'OldFile';
  if (npm?.path !== own.path || npm.linkPath !== '' || npm.size !== own.size || !sameType) throw brokenRule('ambiguous-header', own.path, 'npm would read the entry otherwise.');
}
