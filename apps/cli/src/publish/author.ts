import type { z } from 'zod';
import { maxAppend, routes } from '@souk/contracts';
import { isSoukError, keyId, readFact, sign, SoukError, toWire, type bodies, type Cid, type ErrorCode, type KeyId, type RecordKind, type ReleaseBody, type Signer, type VerifiedRecord } from '@souk/domain';
import { makeFolder } from '@souk/store';
import type { Context } from '../context.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { openContentStore, type ContentStore } from '../home/content-store.ts';
import { commitmentTo, makeRootAfter, openIdentity, type Identity } from '../home/identity.ts';
import { onDisk } from '../home/on-disk.ts';
import { headOf, openOwnLog, type OwnLog } from '../home/own-log.ts';
import { lockProcess, type ProcessLock } from '../home/process-lock.ts';
import { Turns } from '../turns.ts';
import { openRoots } from './open-roots.ts';
import { reconcile, type Standing } from './reconcile.ts';

/** How long another `souk` that signs is waited for. */
const lockWaitMs = 10_000;
/** Most characters of JSON in one append: the site passes it on in one message. */
const maxBatchChars = 600_000;

/** Refusals after which a record can never be accepted, so that it must not stay in the way of later ones. */
const forGood: readonly ErrorCode[] = ['VERSION_EXISTS', 'MANIFEST_MISMATCH', 'NAME_TAKEN', 'CONTESTED_NAME', 'EQUIVOCATION', 'BAD_ARCHIVE', 'BAD_MANIFEST', 'BAD_RECORD', 'TOO_LARGE', 'TAKEN_DOWN', 'PACKAGE_NOT_FOUND', 'VERSION_NOT_FOUND'];

interface Parts {
  readonly context: Context;
  readonly gateway: Gateway;
  readonly lock: ProcessLock;
  readonly identity: Identity;
  /** Logs of the publisher's root keys, the current one last. */
  readonly roots: OwnLog[];
  readonly device: OwnLog;
  readonly content: ContentStore;
  readonly standing: Standing;
}

/**
 * The user as a writer: holds the lock of SOUK_HOME, signs records into the user's own logs, which lie here before anybody else sees them,
 * and sends a site what it lacks. A record is signed once; after a lost answer the very same bytes are sent again.
 */
export class Author {
  readonly #parts: Parts;
  readonly #unsentFrom: Map<KeyId, number>;
  readonly #uploaded = new Set<Cid>();
  #clock: number;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#unsentFrom = new Map(parts.standing.unsentFrom);
    this.#clock = parts.standing.clock;
  }

  /** Locks the home, opens or makes the keys, reads the logs and compares them with the site's. Throws STORAGE_LOCKED, FORKED_LOG, UNAVAILABLE. */
  static async open(context: Context): Promise<Author> {
    const { home, host } = context;
    await onDisk(`Creating ${home.path}`, () => makeFolder(home.path));
    const lock = await lockProcess(home.lock, { signal: host.signal, waitMs: lockWaitMs, what: `the keys in ${home.path}` });
    try {
      const identity = await openIdentity(home);
      if (identity.isNew) context.out.note(`Made your keys in ${home.keys}: your publisher is ${identity.publisher}. Back that folder up; nobody can replace it.`);
      const gateway = await context.gateway();
      const roots = await openRoots(home, identity, gateway);
      const device = await openOwnLog(home.logs, identity.deviceKey);
      const content = await openContentStore(home.blobs, host.now());
      const standing = await reconcile(gateway, identity.publisher, roots, device);
      const author = new Author({ context, gateway, lock, identity, roots, device, content, standing });
      await author.#found();
      return author;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** The publisher's id. */
  get publisher(): KeyId {
    return this.#parts.identity.publisher;
  }

  /** Blobs kept on this computer. */
  get content(): ContentStore {
    return this.#parts.content;
  }

  /** The site that is published to. */
  get gateway(): Gateway {
    return this.#parts.gateway;
  }

  /** The release of a version that this computer signed and the site does not hold yet. */
  async unsentRelease(name: string, version: string): Promise<ReleaseBody | undefined> {
    for await (const records of this.#unsent(this.#parts.device)) {
      for (const fact of records.map(readFact)) if (fact?.kind === 'release' && fact.body.name === name && fact.body.version === version) return fact.body;
    }
    return undefined;
  }

  /** Signs a record as the next one of this computer's log; on disk when it returns. */
  async sign<K extends RecordKind>(kind: K, body: z.input<(typeof bodies)[K]>): Promise<VerifiedRecord> {
    return this.#append(this.#parts.device, this.#parts.identity.device, kind, body);
  }

  /**
   * Sends every record that the site lacks, blobs of releases first. When the site refuses `newest`, signed just now, for good, that record is
   * taken back, so that the log can go on; a lost answer leaves it for the next time.
   */
  async send(newest?: VerifiedRecord): Promise<void> {
    const { roots, device } = this.#parts;
    try {
      let first: readonly VerifiedRecord[] = (await Promise.all(roots.map((root) => root.read(this.#firstUnsent(root.key), root.length)))).flat();
      for await (const records of this.#unsent(device)) {
        for (const record of records) await this.#uploadFor(record);
        await this.#post([...first, ...records]);
        first = [];
      }
      await this.#post(first);
    } catch (error) {
      if (newest && isRefusedForGood(error)) await [...roots, device].find((log) => log.key === newest.key)?.withdraw(newest.fields.seq);
      throw error;
    }
  }

  /** This computer's own key. */
  get deviceKey(): KeyId {
    return this.#parts.identity.deviceKey;
  }

  /** What the publisher's roots said of keys, oldest first. */
  async rootRecords(): Promise<VerifiedRecord[]> {
    return (await Promise.all(this.#parts.roots.map((root) => root.read(0, root.length)))).flat();
  }

  /** Signs a record as the next one of the current root's log; on disk when it returns. Throws FORBIDDEN where the root key is not on this computer. */
  async signAsRoot<K extends 'delegate' | 'revoke'>(kind: K, body: z.input<(typeof bodies)[K]>): Promise<VerifiedRecord> {
    const { identity } = this.#parts;
    if (!identity.root) throw new SoukError('FORBIDDEN', `The root key of ${identity.publisher} is not on this computer.`, { hint: 'Run this where souk key list shows a root.' });
    return this.#append(this.#currentRoot, identity.root, kind, body);
  }

  /** Lets the committed next key take the root's place, from the current root's newest record on; on disk when it returns. Throws FORBIDDEN where that key is not on this computer. */
  async rotate(): Promise<VerifiedRecord> {
    const { identity, context, roots } = this.#parts;
    const { next, publisher } = identity;
    const { head, key } = this.#currentRoot;
    if (!next || !head) throw new SoukError('FORBIDDEN', `The key that may replace the root of ${publisher} is not on this computer.`, { hint: 'Run this where souk key list shows a next-root.' });
    const nextRootHash = commitmentTo(await makeRootAfter(context.home, next));
    const log = await openOwnLog(context.home.logs, keyId(next.signer.publicKey));
    const record = await this.#append(log, next.signer, 'rotate', { rootKey: publisher, nextRootHash, from: { key, lastSeq: head.seq, lastHash: head.hash } });
    roots.push(log);
    return record;
  }

  /** Signs releases as the next records of this computer's log, with the times that they say; on disk when it returns. */
  async signReleases(releases: readonly { readonly body: z.input<typeof bodies.release>; readonly at: number }[]): Promise<readonly VerifiedRecord[]> {
    const { identity, device } = this.#parts;
    const records: VerifiedRecord[] = [];
    const turns = new Turns();
    for (const { body, at } of releases) {
      await turns.next();
      records.push(sign('release', body, { signer: identity.device, head: headOf(records.at(-1)) ?? device.head, clock: this.#clock + records.length, at }));
    }
    await this.#keep(device, records);
    return records;
  }

  /** Sends the next records of what `signReleases` returned, whose blobs the site holds. */
  async sendReleases(records: readonly VerifiedRecord[]): Promise<void> {
    await this.#post(records);
  }

  /** Takes back all that this computer's key signed and no site accepted. Only after a refusal for good: what a site may have must stay. */
  async takeBack(): Promise<void> {
    const { device } = this.#parts;
    await device.withdraw(this.#firstUnsent(device.key));
  }

  /** Uploads a blob that is kept here; nothing is signed by it. */
  async upload(cid: Cid, size: number): Promise<void> {
    if (this.#uploaded.has(cid)) return;
    await this.gateway.upload(routes.putBlob, { params: { cid } }, { size, bytes: this.content.read(cid) });
    this.#uploaded.add(cid);
  }

  /** Gives the home free. */
  close(): Promise<void> {
    return this.#parts.lock.release();
  }

  get #currentRoot(): OwnLog {
    return this.#parts.roots.at(-1) as OwnLog;
  }

  #firstUnsent(key: KeyId): number {
    return this.#unsentFrom.get(key) ?? 0;
  }

  /** The records of a log that the site lacks, some at a time. */
  async *#unsent(log: OwnLog): AsyncGenerator<VerifiedRecord[]> {
    for (let from = this.#firstUnsent(log.key); from < log.length; from += maxAppend) yield log.read(from, maxAppend);
  }

  async #post(records: readonly VerifiedRecord[]): Promise<void> {
    for (const batch of batches(records)) {
      await this.gateway.call(routes.postRecords, { body: { records: batch.map(toWire) } });
      for (const { key, fields } of batch) this.#unsentFrom.set(key, fields.seq + 1);
    }
  }

  /** Writes the records that everything else stands on, where they are missing. */
  async #found(): Promise<void> {
    const { identity, roots, device } = this.#parts;
    const { publisher, deviceKey, root, next } = identity;
    const [first] = roots;
    if (first && first.head === undefined && root && next) await this.#append(first, root, 'inception', { rootKey: publisher, nextRootHash: commitmentTo(next.signer.publicKey) });
    const isDelegated = (await this.rootRecords()).map(readFact).some((fact) => fact?.kind === 'delegate' && fact.body.key === deviceKey);
    if (!isDelegated && !root) throw notDelegatedYet(identity);
    if (!isDelegated && root) await this.#append(this.#currentRoot, root, 'delegate', { key: deviceKey, name: 'device' });
    if (device.head === undefined) await this.#append(device, identity.device, 'inception', { rootKey: publisher });
  }

  async #append<K extends RecordKind>(log: OwnLog, signer: Signer, kind: K, body: z.input<(typeof bodies)[K]>): Promise<VerifiedRecord> {
    const record = sign(kind, body, { signer, head: log.head, clock: this.#clock, at: this.#parts.context.host.now() });
    await this.#keep(log, [record]);
    return record;
  }

  async #keep(log: OwnLog, records: readonly VerifiedRecord[]): Promise<void> {
    await this.#parts.lock.check();
    await log.append(records);
    this.#clock = Math.max(this.#clock, log.clock);
  }

  async #uploadFor(record: VerifiedRecord): Promise<void> {
    const fact = readFact(record);
    if (fact?.kind !== 'release') return;
    // What is no longer kept here may be held by the site all the same; if not, its answer says so.
    if (await this.content.has(fact.body.cid, fact.body.size)) await this.upload(fact.body.cid, fact.body.size);
  }
}

function notDelegatedYet({ publisher, deviceKey }: Identity): SoukError {
  return new SoukError('NOT_DELEGATED', `This computer may not write for ${publisher} yet, as far as this site knows.`, {
    hint: `On a computer that has the root: souk key add ${deviceKey} --name NAME. Then try again.`,
    details: { publisher, key: deviceKey },
  });
}

/** Whether the site will never take what it refused. */
export function isRefusedForGood(error: unknown): boolean {
  return isSoukError(error) && forGood.includes(error.code);
}

/** Records in groups that each fit into one append. */
export function batches(records: readonly VerifiedRecord[]): VerifiedRecord[][] {
  const all: VerifiedRecord[][] = [];
  let chars = 0;
  for (const record of records) {
    const size = Math.ceil(((record.header.length + (record.body?.length ?? 0)) * 4) / 3) + 256;
    const last = all.at(-1);
    if (last === undefined || last.length >= maxAppend || chars + size > maxBatchChars) {
      all.push([record]);
      chars = size;
    } else {
      last.push(record);
      chars += size;
    }
  }
  return all;
}
