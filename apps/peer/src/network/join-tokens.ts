import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JoinInput, JoinTokenInput } from '@souk/contracts';
import { fromBase64, isJoinProof, joinBytes, sealAnswer, SoukError, toBase64, toHex } from '@souk/domain';
import { writeDurably } from '@souk/store';
import PQueue from 'p-queue';
import { z } from 'zod';

/** Most tokens that count at a time. */
const maxTokens = 200;

const Kept = z.object({ id: z.string(), secret: z.string(), left: z.int().min(0), until: z.int() });
type Kept = z.infer<typeof Kept>;

/** A join token as it is made. `until`: milliseconds since 1970. */
export interface MadeToken {
  readonly id: string;
  readonly secret: Uint8Array;
  readonly uses: number;
  readonly until: number;
}

/** A join token that counts still. `until`: milliseconds since 1970. */
export type CountingToken = Readonly<Pick<Kept, 'id' | 'left' | 'until'>>;

/** FORBIDDEN, the same whatever is wrong with a token: who guesses learns nothing. */
function refused(): SoukError {
  return new SoukError('FORBIDDEN', 'The join token does not count: it was used as often as it may be, has expired, or is not of this site.', { hint: 'Ask whoever runs the site for another: souk network token.' });
}

/**
 * The join tokens that a site hands out, in `join-tokens.json` of its primary's data folder (0600). A use counts before it is answered, on disk,
 * so that no crash makes a token last longer.
 */
export class JoinTokens {
  readonly #file: string;
  readonly #now: () => number;
  readonly #turns = new PQueue({ concurrency: 1 });
  #kept: Kept[];

  private constructor(file: string, now: () => number, kept: Kept[]) {
    this.#file = file;
    this.#now = now;
    this.#kept = kept;
  }

  /** Reads what counts. What can't be read counts as nothing: tokens are made anew. */
  static async open(folder: string, now: () => number): Promise<JoinTokens> {
    const file = join(folder, 'join-tokens.json');
    const text = await readFile(file, 'utf8').catch(() => '[]');
    return new JoinTokens(file, now, parsed(text));
  }

  /** Makes a token. Throws RATE_LIMITED when there are too many, STORAGE_FULL. */
  make({ uses, expiresInSeconds }: JoinTokenInput): Promise<MadeToken> {
    return this.#turns.add(async () => {
      const counting = this.#counting();
      if (counting.length >= maxTokens) throw new SoukError('RATE_LIMITED', `There are ${maxTokens} join tokens already.`, { hint: 'Make one token with more uses, or wait until others have expired.' });
      const secret = new Uint8Array(randomBytes(joinBytes.secret));
      const made = { id: toHex(new Uint8Array(randomBytes(8))), secret, uses, until: this.#now() + expiresInSeconds * 1000 };
      await this.#keep([...counting, { id: made.id, secret: toBase64(secret), left: uses, until: made.until }]);
      return made;
    });
  }

  /** The tokens that count still, the first to end first. */
  list(): readonly CountingToken[] {
    return this.#counting().map(({ id, left, until }) => ({ id, left, until })).sort((a, b) => a.until - b.until);
  }

  /** Ends a token: nobody joins by it any more. Throws NOT_FOUND for one that does not count, STORAGE_FULL. */
  revoke(id: string): Promise<CountingToken> {
    return this.#turns.add(async () => {
      const counting = this.#counting();
      const token = counting.find((one) => one.id === id);
      if (!token) throw new SoukError('NOT_FOUND', `No join token ${id} counts here: it was never made here, was used up, or has expired.`, { hint: 'See those that count: souk network token --list' });
      await this.#keep(counting.filter((one) => one !== token));
      return { id, left: token.left, until: token.until };
    });
  }

  /** Uses a token once and seals `answer` for who has it. Throws FORBIDDEN, STORAGE_FULL. */
  redeem({ id, nonce, proof }: JoinInput, answer: () => string): Promise<Uint8Array> {
    return this.#turns.add(async () => {
      const token = this.#kept.find((one) => one.id === id);
      if (!token || token.left === 0 || token.until <= this.#now()) throw refused();
      const [secret, salt] = [fromBase64(token.secret), fromBase64(nonce)];
      if (salt.length !== joinBytes.nonce || !isJoinProof(secret, salt, fromBase64(proof))) throw refused();
      await this.#keep(this.#kept.map((one) => (one === token ? { ...one, left: one.left - 1 } : one)));
      return sealAnswer(secret, salt, new TextEncoder().encode(answer()), new Uint8Array(randomBytes(12)));
    });
  }

  #counting(): Kept[] {
    return this.#kept.filter((one) => one.left > 0 && one.until > this.#now());
  }

  async #keep(kept: Kept[]): Promise<void> {
    await writeDurably(this.#file, new TextEncoder().encode(`${JSON.stringify(kept)}\n`), 'replace');
    this.#kept = kept;
  }
}

function parsed(text: string): Kept[] {
  try {
    return z.array(Kept).parse(JSON.parse(text));
  } catch {
    return [];
  }
}
