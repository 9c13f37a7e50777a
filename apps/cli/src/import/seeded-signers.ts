import { createHash } from 'node:crypto';
import { routes, type PublisherDoc } from '@souk/contracts';
import { fromHex, isSoukError, keyId, seedFrom, sha256Of, sign, signerOf, toWire, type Head, type KeyId, type Signer, type VerifiedRecord } from '@souk/domain';
import type { Gateway } from '../gateway/gateway.ts';
import { headOf } from '../home/own-log.ts';
import { batches } from '../publish/author.ts';
import type { Patience } from './patience.ts';
import type { ReleaseToSign, Signers } from './signers.ts';

/** Most authors of one import. */
export const maxAuthors = 1000;

/** What the founding records say about when: always the same, so that they are the same records everywhere. */
const foundedAt = Date.UTC(2026, 0, 1);
const asked = 8;

type Place = Pick<Head, 'seq' | 'hash'>;

/** One author: a publisher whose keys follow from a seed, and where its log stands at the site. */
interface SeededAuthor {
  readonly publisher: KeyId;
  readonly device: Signer;
  readonly deviceKey: KeyId;
  readonly founding: readonly VerifiedRecord[];
  head: Place | undefined;
  clock: number;
}

function founded(name: string): SeededAuthor {
  const [root, device, next] = ['root', 'device', 'next-root'].map((key) => signerOf(seedFrom(`${name}/${key}`))) as [Signer, Signer, Signer];
  const [publisher, deviceKey] = [keyId(root.publicKey), keyId(device.publicKey)];
  const inception = sign('inception', { rootKey: publisher, nextRootHash: sha256Of(next.publicKey) }, { signer: root, head: undefined, clock: 0, at: foundedAt });
  const delegation = sign('delegate', { key: deviceKey, name: 'seeded' }, { signer: root, head: headOf(inception), clock: 1, at: foundedAt });
  const introduction = sign('inception', { rootKey: publisher }, { signer: device, head: undefined, clock: 2, at: foundedAt });
  return { publisher, device, deviceKey, founding: [inception, delegation, introduction], head: undefined, clock: 0 };
}

async function standingAt(gateway: Gateway, author: SeededAuthor): Promise<PublisherDoc | undefined> {
  try {
    return await gateway.call(routes.getPublisher, { params: { id: author.publisher } });
  } catch (error) {
    if (isSoukError(error) && error.code === 'PUBLISHER_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Authors for load data. Their logs live at the site only; where they stand is read there, so that an import goes on wherever it was interrupted. */
class SeededSigners implements Signers {
  readonly about: Signers['about'];
  readonly #authors: readonly SeededAuthor[];
  readonly #gateway: Gateway;
  readonly #patience: Patience;

  constructor(authors: readonly SeededAuthor[], seed: string, gateway: Gateway, patience: Patience) {
    this.about = { kind: 'seeded', count: authors.length, seed };
    this.#authors = authors;
    this.#gateway = gateway;
    this.#patience = patience;
  }

  publisherOf(name: string): KeyId {
    return this.#authorOf(name).publisher;
  }

  async publish(releases: readonly ReleaseToSign[]): Promise<void> {
    const standing = new Map<SeededAuthor, { head: Place | undefined; clock: number }>();
    const records = releases.map(({ body, at }) => {
      const author = this.#authorOf(body.name);
      const { head, clock } = standing.get(author) ?? author;
      const record = sign('release', body, { signer: author.device, head, clock, at });
      standing.set(author, { head: headOf(record), clock: record.fields.clock });
      return record;
    });
    for (const batch of batches(records)) await this.#patience(() => this.#gateway.call(routes.postRecords, { body: { records: batch.map(toWire) } }));
    for (const [author, { head, clock }] of standing) Object.assign(author, { head, clock });
  }

  async keep(): Promise<void> {
    // Load data is made again from its file.
  }

  async close(): Promise<void> {
    // They have nothing open.
  }

  /** A name has always the same author, in whatever file and order it comes. */
  #authorOf(name: string): SeededAuthor {
    const number = createHash('sha256').update(name).digest().readUInt32BE(0);
    return this.#authors[number % this.#authors.length] as SeededAuthor;
  }
}

/** `count` authors whose keys follow from a seed, known to the site when it returns. Whoever knows the seed can sign as they do. */
export async function seededSigners(gateway: Gateway, count: number, seed: string, patience: Patience): Promise<Signers> {
  const authors = Array.from({ length: count }, (_, number) => founded(`${seed}/${number}`));
  const strangers: SeededAuthor[] = [];
  const rest = authors.values();
  const ask = async (): Promise<void> => {
    for (const author of rest) {
      const doc = await patience(() => standingAt(gateway, author));
      const head = doc?.keys.find(({ key }) => key === author.deviceKey)?.head;
      const introduction = author.founding.at(-1) as VerifiedRecord;
      author.head = head ? { seq: head.seq, hash: fromHex(head.hash) } : headOf(introduction);
      author.clock = Math.max(doc?.clock ?? 0, introduction.fields.clock);
      if (!head) strangers.push(author);
    }
  };
  await Promise.all(Array.from({ length: asked }, ask));
  for (const batch of batches(strangers.flatMap(({ founding }) => founding))) await patience(() => gateway.call(routes.postRecords, { body: { records: batch.map(toWire) } }));
  return new SeededSigners(authors, seed, gateway, patience);
}
