import { toWireHead, type PublisherDoc } from '@souk/contracts';
import { SoukError, subject, type Catalogue, type KeyId, type LogStore, type PublisherId, type Writer } from '@souk/domain';
import { rootKeysOf } from './root-keys.ts';

type Logs = Pick<LogStore, 'head' | 'read' | 'about' | 'subjects' | 'fork'>;

/** Most device keys that a document lists. */
const maxDevices = 1000;

async function devicesOf(logs: Logs, roots: readonly KeyId[]): Promise<KeyId[]> {
  const devices = new Set<KeyId>();
  for (const root of roots) {
    const prefix = subject.ofGrant(root, '' as KeyId);
    for (const one of await logs.subjects(prefix, undefined, maxDevices)) devices.add(one.slice(prefix.length) as KeyId);
  }
  return [...devices].filter((key) => !roots.includes(key)).slice(0, maxDevices);
}

type KeyLine = PublisherDoc['keys'][number];

/** A delegated key that has not written yet is in good standing unless its root took the delegation back. */
async function isSilentlyRevoked(logs: Logs, roots: readonly KeyId[], key: KeyId): Promise<boolean> {
  for (const root of roots) {
    const grants = await logs.about(subject.ofGrant(root, key), 0, 100);
    if (grants.some((one) => one.record.fields.kind === 'revoke')) return true;
  }
  return false;
}

async function lineOf(logs: Logs, writer: Writer, publisher: PublisherId, roots: readonly KeyId[]): Promise<KeyLine> {
  const { key } = writer;
  const head = await logs.head(key);
  const ended = head === undefined ? await isSilentlyRevoked(logs, roots, key) : writer.publisher !== publisher || writer.lastSeq !== undefined;
  return { key, role: roots.includes(key) ? 'root' : 'device', standing: ended ? 'ended' : 'good', ...(head ? { head: toWireHead(head) } : {}) };
}

async function clockOf(logs: Logs, line: KeyLine): Promise<number> {
  const newest = line.head && (await logs.read(line.key, line.head.seq, 1))[0];
  return newest?.record.fields.clock ?? 0;
}

/**
 * What is known of a publisher, by its id or any of its keys. Its clock is the highest of its logs' newest records:
 * a writer's next record must exceed it. Throws PUBLISHER_NOT_FOUND.
 */
export async function publisherDoc(logs: Logs, catalogue: Pick<Catalogue, 'writer'>, id: KeyId): Promise<PublisherDoc> {
  const { publisher } = await catalogue.writer(id);
  if (publisher === undefined) throw new SoukError('PUBLISHER_NOT_FOUND', `No publisher is known by the key ${id}.`, { hint: 'Its records may arrive from another peer; try again later.', details: { id } });
  const roots = await rootKeysOf(logs, publisher);
  const doc: PublisherDoc = { id: publisher, clock: 0, keys: [] };
  for (const key of [...roots, ...(await devicesOf(logs, roots))]) {
    const writer = await catalogue.writer(key);
    const line = await lineOf(logs, writer, publisher, roots);
    doc.keys.push(line);
    if (writer.publisher === publisher) doc.clock = Math.max(doc.clock, await clockOf(logs, line));
  }
  return doc;
}
