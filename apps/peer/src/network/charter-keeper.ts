import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64, KeyId, newerCharter, SoukError, toBase64, verifyCharter, type Charter, type SignedCharter } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { CharterHolder } from '@souk/p2p';
import { writeDurably } from '@souk/store';
import PQueue from 'p-queue';
import { z } from 'zod';

const Content = z.object({ authority: KeyId, charter: z.object({ bytes: z.string(), signature: z.string() }).optional() });

/** What a peer is told of its network's charter before it starts. */
export interface ToldCharter {
  /** The key that signs the charters, as the invite names it. */
  readonly authority?: KeyId | undefined;
  /** A charter, as the operator gives it. */
  readonly charter?: Charter | undefined;
}

/** What a keeper is opened with. */
export interface CharterKeeperNeeds {
  /** The data folder. */
  readonly folder: string;
  /** The id of the network. */
  readonly network: string;
  readonly log: Log;
}

function contradiction(message: string): SoukError {
  return new SoukError('BAD_CONFIG', message, { hint: 'Use the invite and the charter of the network that this data folder belongs to, or another data folder.' });
}

/**
 * Keeps the newest charter of the network in `charter.json` of the data folder, with the authority that signs it. The authority comes from an
 * invite or from the operator and never changes: without one there is no charter, whatever other peers tell.
 */
export class CharterKeeper implements CharterHolder {
  readonly #needs: CharterKeeperNeeds;
  readonly #file: string;
  readonly #turns = new PQueue({ concurrency: 1 });
  readonly #listeners: ((charter: Charter) => void)[] = [];
  #authority: KeyId | undefined;
  #held: Charter | undefined;

  private constructor(needs: CharterKeeperNeeds, file: string) {
    this.#needs = needs;
    this.#file = file;
  }

  /**
   * Reads what is held and takes over what was told. Throws BAD_CONFIG when those are of another authority or network, BAD_CHARTER, BAD_SIGNATURE,
   * UPGRADE_NEEDED for a charter that is none, STORAGE_CORRUPT for a file that is damaged.
   */
  static async open(needs: CharterKeeperNeeds, told: ToldCharter): Promise<CharterKeeper> {
    const keeper = new CharterKeeper(needs, join(needs.folder, 'charter.json'));
    await keeper.#read();
    const authority = told.charter?.authority ?? told.authority;
    if (authority === undefined) return keeper;
    if (needs.network === 'open') throw contradiction('An open network has no charter.');
    if (told.authority !== undefined && told.authority !== authority) throw contradiction('The charter is not signed by the authority that the invite names.');
    if (keeper.#authority !== undefined && keeper.#authority !== authority) throw contradiction(`The charters of this network are signed by ${keeper.#authority}, not by ${authority}.`);
    keeper.#authority = authority;
    if (told.charter) await keeper.#take(told.charter.signed);
    await keeper.#write();
    return keeper;
  }

  /** The charter that counts. */
  current(): Charter | undefined {
    return this.#held;
  }

  /** Who signs the charters of this network, if this peer was told. */
  authority(): KeyId | undefined {
    return this.#authority;
  }

  /** Hears of each charter that takes the place of the one before, after it is on disk. */
  onChanged(listener: (charter: Charter) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes over what another peer told, when it is newer. Throws BAD_CHARTER, BAD_SIGNATURE, UPGRADE_NEEDED, STORAGE_FULL. */
  offer(signed: SignedCharter, from: string): Promise<boolean> {
    return this.#turns.add(async () => {
      if (this.#authority === undefined || !(await this.#take(signed))) return false;
      await this.#write();
      this.#needs.log.info('A newer charter of the network came', { version: this.#held?.version, from });
      this.#tell();
      return true;
    });
  }

  /**
   * Takes over a charter from whoever runs this site; the first one also says who the authority is. False for the one that is held.
   * Throws BAD_CHARTER, also for an older one, BAD_SIGNATURE, UPGRADE_NEEDED, STORAGE_FULL.
   */
  put(signed: SignedCharter): Promise<boolean> {
    return this.#turns.add(async () => {
      const { network } = this.#needs;
      if (network === 'open') throw new SoukError('BAD_CHARTER', 'An open network has no charter.');
      const charter = verifyCharter(signed, { network, authority: this.#authority ?? verifyCharter(signed).authority });
      const held = this.#held;
      if (held && held.version > charter.version) throw new SoukError('BAD_CHARTER', `The charter has version ${charter.version}; this site holds version ${held.version}.`, { hint: 'A charter goes forward only: souk network amend makes the next version.', details: { version: charter.version, held: held.version } });
      this.#authority = charter.authority;
      if (!(await this.#take(signed))) return false;
      await this.#write();
      this.#tell();
      return true;
    });
  }

  async #take(signed: SignedCharter): Promise<boolean> {
    const authority = this.#authority as KeyId;
    const newer = newerCharter(this.#held, signed, { authority, network: this.#needs.network });
    this.#held = newer ?? this.#held;
    return newer !== undefined;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.#held as Charter);
  }

  async #read(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch((error: unknown) => {
      if ((error as { code?: string }).code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return;
    try {
      const { authority, charter } = Content.parse(JSON.parse(text));
      this.#authority = authority;
      if (charter) this.#held = verifyCharter({ bytes: fromBase64(charter.bytes), signature: fromBase64(charter.signature) }, { authority, network: this.#needs.network });
    } catch (cause) {
      throw new SoukError('STORAGE_CORRUPT', `The file ${this.#file} is damaged.`, { hint: 'Delete it and start once with an invite of the network: souk up --join INVITE.', details: { path: this.#file }, cause });
    }
  }

  async #write(): Promise<void> {
    const signed = this.#held?.signed;
    const charter = signed && { bytes: toBase64(signed.bytes), signature: toBase64(signed.signature) };
    await writeDurably(this.#file, new TextEncoder().encode(`${JSON.stringify({ authority: this.#authority, charter })}\n`), 'replace');
  }
}
