import { createHash } from 'node:crypto';
import { routes, type PublisherDoc } from '@souk/contracts';
import { fromHex, isSoukError, keyId, seedFrom, sha256Of, sign, signerOf, toWire, type Head, type KeyId, type Signer, type VerifiedRecord } from '@souk/domain';
import type { Gateway } from '../gateway/gateway.ts';
import { headOf } from '../home/own-log.ts';
import { batches } from '../publish/author.ts';
import type { Patience } from './patience.ts';
import type { ReleaseToSign, Signers } from './signers.ts';
import { Turns } from '../turns.ts';

/** Most authors of one import. */
export const maxAuthors = 1000;

/** What the founding records say about when: always the same, so that they are the same records everywhere. */
const foundedAt = Date.UTC(2026, 0, 1);
const asked = 8;

/** The end of a log, and the clock that the next record must exceed. */
interface Place {
  readonly head: Pick<Head, 'seq' | 'hash'>;
  readonly clock: number;
}

const placeAfter = ({ fields, hash }: VerifiedRecord): Place => ({ head: { seq: fields.seq, hash }, clock: fields.clock });

/** One author: a publisher whose keys follow from a seed, and where its log stands at the site. */
interface SeededAuthor {
  readonly publisher: KeyId;
  readonly device: Signer;
  readonly deviceKey: KeyId;
  readonly founding: readonly VerifiedRecord[];
  /** Where the next record goes. */
  next: Place;
  /** Where it would go if nothing were on its way. */
  accepted: Place;
}

function founded(name: string): SeededAuthor {
  const [root, device, next] = ['root', 'device', 'next-root'].map((key) => signerOf(seedFrom(`${name}/${key}`))) as [Signer, Signer, Signer];
  const [publisher, deviceKey] = [keyId(root.publicKey), keyId(device.publicKey)];
  const inception = sign('inception', { rootKey: publisher, nextRootHash: sha256Of(next.publicKey) }, { signer: root, head: undefined, clock: 0, at: foundedAt });
  const delegation = sign('delegate', { key: deviceKey, name: 'seeded' }, { signer: root, head: headOf(inception), clock: 1, at: foundedAt });
  const introduction = sign('inception', { rootKey: publisher }, { signer: device, head: undefined, clock: 2, at: foundedAt });
  const place = placeAfter(introduction);
  return { publisher, device, deviceKey, founding: [inception, delegation, introduction], next: place, accepted: place };
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
  readonly #byKey: ReadonlyMap<KeyId, SeededAuthor>;
  readonly #gateway: Gateway;
  readonly #patience: Patience;

  constructor(authors: readonly SeededAuthor[], seed: string, gateway: Gateway, patience: Patience) {
    this.about = { kind: 'seeded', count: authors.length, seed };
    this.#authors = authors;
    this.#byKey = new Map(authors.map((author) => [author.deviceKey, author]));
    this.#gateway = gateway;
    this.#patience = patience;
  }

  publisherOf(name: string): KeyId {
    return this.#authorOf(name).publisher;
  }

  async sign(releases: readonly ReleaseToSign[]): Promise<readonly VerifiedRecord[]> {
    const turns = new Turns();
    const records: VerifiedRecord[] = [];
    for (const { body, at } of releases) {
      await turns.next();
      const author = this.#authorOf(body.name);
      const record = sign('release', body, { signer: author.device, ...author.next, at });
      author.next = placeAfter(record);
      records.push(record);
    }
    return records;
  }

  async send(records: readonly VerifiedRecord[]): Promise<void> {
    for (const batch of batches(records)) {
      await this.#patience(() => this.#gateway.call(routes.postRecords, { body: { records: batch.map(toWire) } }));
      for (const record of batch) (this.#byKey.get(record.key) as SeededAuthor).accepted = placeAfter(record);
    }
  }

  async takeBack(): Promise<void> {
    for (const author of this.#authors) author.next = author.accepted;
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
      if (head) author.next = author.accepted = { head: { seq: head.seq, hash: fromHex(head.hash) }, clock: Math.max(doc?.clock ?? 0, author.accepted.clock) };
      else strangers.push(author);
    }
  };
  await Promise.all(Array.from({ length: asked }, ask));
  for (const batch of batches(strangers.flatMap(({ founding }) => founding))) await patience(() => gateway.call(routes.postRecords, { body: { records: batch.map(toWire) } }));
  return new SeededSigners(authors, seed, gateway, patience);
}
