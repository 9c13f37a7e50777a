import { counts, readFact, subject, toHex, type Catalogue, type KeyId, type LogStore, type PublisherId, type StoredRecord, type Writer } from '@souk/domain';

const page = 1000;
/** Most star records of one package that are read; the first ones count. */
const maxStars = 100_000;

interface Star {
  readonly on: boolean;
  readonly order: string;
}

function starOf(stored: StoredRecord): Star | undefined {
  try {
    const fact = readFact(stored.record);
    if (fact?.kind !== 'star') return undefined;
    return { on: fact.body.on, order: stored.record.fields.clock.toString(16).padStart(14, '0') + toHex(stored.record.hash) };
  } catch {
    return undefined;
  }
}

/** How many publishers star a package: each publisher's latest word, by its clock, counts. */
export async function starsOf(logs: Pick<LogStore, 'about'>, catalogue: Pick<Catalogue, 'writer'>, name: string): Promise<number> {
  const latest = new Map<PublisherId, Star>();
  const writers = new Map<KeyId, Writer>();
  for (let arrival = 0, read = 0; read < maxStars; read += page) {
    const records = await logs.about(subject.ofStars(name), arrival, page);
    for (const stored of records) {
      const { key, fields } = stored.record;
      const writer = writers.get(key) ?? (await catalogue.writer(key));
      writers.set(key, writer);
      const star = starOf(stored);
      if (!star || writer.publisher === undefined || !counts(writer, fields.seq)) continue;
      const known = latest.get(writer.publisher);
      if (!known || known.order < star.order) latest.set(writer.publisher, star);
    }
    arrival = records.at(-1)?.arrival ?? arrival;
    if (records.length < page) break;
  }
  return [...latest.values()].filter((one) => one.on).length;
}
