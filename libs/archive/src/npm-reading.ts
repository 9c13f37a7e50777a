import { Header, Pax } from 'tar';

/** How the tar program of npm reads one entry. */
export interface NpmReading {
  readonly path: string;
  /** A type's name, such as `File` or `Directory`. */
  readonly type: string;
  /** Where a link leads; empty for all else that npm unpacks. */
  readonly linkPath: string;
  readonly size: number;
}

/**
 * Reads an entry with the decoders that npm, npx and most JavaScript tools use: its header block, and the bodies of the extended headers
 * before it. Packages are also installed by those tools, so an entry that they see otherwise than Souk's own strict reading is refused.
 * Undefined when they cannot read it.
 */
export function npmReading(block: Uint8Array, pax: readonly Uint8Array[], longName: string | undefined): NpmReading | undefined {
  let extension: Pax | undefined;
  for (const body of pax) extension = Pax.parse(Buffer.from(body).toString('utf8'), extension, false);
  if (longName !== undefined) extension = Object.assign(extension ?? new Pax({}), { path: longName });
  const header = decode(block, extension);
  return header && { path: extension?.path ?? header.path ?? '', type: header.type, linkPath: header.linkpath ?? '', size: header.size ?? 0 };
}

/** Whether npm's tar takes this header block of an extended header; else it gives up on the archive, or leaves the header out. */
export function npmTakes(block: Uint8Array): boolean {
  const header = decode(block, undefined);
  return header !== undefined && !header.linkpath;
}

function decode(block: Uint8Array, extension: Pax | undefined): Header | undefined {
  try {
    return new Header(Buffer.from(block.buffer, block.byteOffset, block.byteLength), 0, extension);
  } catch {
    // it throws for binary numbers beyond 2^53, in whichever field
    return undefined;
  }
}
