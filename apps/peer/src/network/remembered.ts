import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import { writeDurably } from '@souk/store';
import { z } from 'zod';

const Content = z.object({ addresses: z.array(z.string().max(512)).max(100).catch([]), port: z.int().min(1).max(65_535).optional().catch(undefined) });
type Content = z.infer<typeof Content>;

/**
 * What helps the next start: addresses of peers that were reached, and the port that was listened on, which invites name.
 * Kept in `network.json` of the data folder, durably: without it nobody would find a peer again whose power failed.
 */
export class Remembered {
  readonly #file: string;
  readonly #onFailure: (error: unknown) => void;
  #content: Content;
  #written: Promise<void> = Promise.resolve();

  private constructor(file: string, content: Content, onFailure: (error: unknown) => void) {
    this.#file = file;
    this.#content = content;
    this.#onFailure = onFailure;
  }

  /** Reads what the last start left, nothing when it can't be read. `onFailure` hears why it could not be written. */
  static async open(folder: string, onFailure: (error: unknown) => void): Promise<Remembered> {
    const file = join(folder, 'network.json');
    const text = await readFile(file, 'utf8').catch(() => '{}');
    return new Remembered(file, contentOf(text), onFailure);
  }

  /** Addresses of peers, best first. */
  get addresses(): readonly string[] {
    return this.#content.addresses;
  }

  /** The port of the last start. */
  get port(): number | undefined {
    return this.#content.port;
  }

  /** Takes over what is known now; written in the background, one after the other. */
  keep(news: Partial<Content>): void {
    this.#content = { ...this.#content, ...news };
    this.#written = this.#written.then(() => this.#write()).catch(this.#onFailure);
  }

  /** Waits until everything is written. */
  async settled(): Promise<void> {
    await this.#written;
  }

  async #write(): Promise<void> {
    await writeDurably(this.#file, new TextEncoder().encode(`${JSON.stringify(this.#content)}\n`), 'replace');
  }
}

function contentOf(text: string): Content {
  try {
    return Content.parse(JSON.parse(text));
  } catch {
    return { addresses: [] };
  }
}

/** The TCP port of a multiaddr. */
export function portOf(address: string | undefined): number | undefined {
  const [, port] = /\/tcp\/(\d+)/.exec(address ?? '') ?? [];
  return port === undefined ? undefined : Number(port);
}

/** PORT_IN_USE, said for the port of the peer-to-peer side. */
export function peerPortInUse(port: number, cause: unknown): SoukError {
  return new SoukError('PORT_IN_USE', `Port ${port}, on which other peers are to be answered, is in use.`, { hint: 'Stop the other program, or choose another port with --p2p-port; 0 takes any free one.', details: { port }, cause });
}
