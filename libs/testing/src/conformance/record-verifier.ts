import { expect } from '@jest/globals';
import { verify, type RecordVerifier, type SignedRecord } from '@souk/domain';
import { author, LogWriter } from '../builders/index.ts';
import { declareSuite, type Cases, type Open } from './suite.ts';

/** More than are verified at one go anywhere. */
const many = 300;

function signed(name: string, count: number): SignedRecord[] {
  const writer = new LogWriter(name);
  return Array.from({ length: count }, (_, index) => {
    const { header, signature, body } = writer.writeBytes('note', Uint8Array.of(0x18, 24 + (index % 200)));
    return { header, signature, ...(body ? { body } : {}) };
  });
}

/** The records with another one in the place of one of them. */
function altered(records: readonly SignedRecord[], at: number, change: Partial<SignedRecord>): SignedRecord[] {
  return records.map((record, index) => (index === at ? { ...record, ...change } : record));
}

const wrongSignature = (records: readonly SignedRecord[], at: number): SignedRecord[] => altered(records, at, { signature: (records[at + 1] as SignedRecord).signature });

const cases: Cases<RecordVerifier> = {
  'sound records come back in their order, each as verify makes it, with a body or without': async (verifier) => {
    const [few, some] = [author('verified').records, signed('many', many)];
    expect(await verifier.verifyRun(few)).toEqual({ records: few.map(verify) });
    expect(await verifier.verifyRun(some)).toEqual({ records: some.map(verify) });
    const bare = some.map(({ header, signature }) => ({ header, signature }));
    expect(await verifier.verifyRun(bare)).toEqual({ records: bare.map(verify) });
    expect(await verifier.verifyRun([])).toEqual({ records: [] });
  },
  'the first record that is not sound ends the run, and is told by its error': async (verifier) => {
    const records = signed('unsound', many);
    for (const at of [0, 7, 150, many - 2]) {
      const { records: sound, problem } = await verifier.verifyRun(wrongSignature(records, at));
      expect({ sound: sound.length, code: problem?.code }).toEqual({ sound: at, code: 'BAD_SIGNATURE' });
    }
    const twice = wrongSignature(altered(records, 20, { body: Uint8Array.of(1) }), 200);
    expect(await verifier.verifyRun(twice)).toMatchObject({ records: { length: 20 }, problem: { code: 'BAD_RECORD' } });
    expect(await verifier.verifyRun(altered(records, 40, { header: Uint8Array.of(0xff) }))).toMatchObject({ records: { length: 40 }, problem: { code: 'BAD_RECORD' } });
  },
  'records that are parts of larger memory are verified as they are, and stay where they are': async (verifier) => {
    const records = signed('views', 40);
    const memory = Buffer.concat(records.flatMap(({ header, signature, body }) => [header, signature, body as Uint8Array]));
    let offset = 0;
    const view = (length: number): Uint8Array => memory.subarray(offset, (offset += length));
    const views = records.map(({ header, signature, body }) => ({ header: view(header.length), signature: view(signature.length), body: view((body as Uint8Array).length) }));
    const { records: verified, problem } = await verifier.verifyRun(views);
    expect({ problem, hashes: verified.map(({ hash }) => hash) }).toEqual({ problem: undefined, hashes: records.map((record) => verify(record).hash) });
    expect(memory.length).toBe(offset);
  },
  'runs that are given at the same time get each its own answer': async (verifier) => {
    const runs = ['ada', 'bob', 'eve'].map((name) => signed(name, many));
    const answers = await Promise.all(runs.map((run, index) => verifier.verifyRun(index === 1 ? wrongSignature(run, 100) : run)));
    expect(answers.map(({ records, problem }) => [records.length, problem?.code])).toEqual([[many, undefined], [100, 'BAD_SIGNATURE'], [many, undefined]]);
    expect(answers[2]?.records[0]?.key).toBe(new LogWriter('eve').key);
  },
  'whoever gives up is told so, and others are not disturbed': async (verifier) => {
    const [records, giver] = [signed('given up', many), new AbortController()];
    const given = verifier.verifyRun(records, { signal: giver.signal });
    giver.abort();
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(verifier.verifyRun(records.slice(0, 3), { signal: giver.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await verifier.verifyRun(records)).records.length).toBe(many);
  },
  'a closed verifier refuses everything': async (verifier) => {
    const records = signed('late', 30);
    await verifier.close();
    await verifier.close();
    await expect(verifier.verifyRun(records)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(verifier.verifyRun(records.slice(0, 1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};

/** Declares the tests that every `RecordVerifier` must pass. */
export function recordVerifierConformance(name: string, open: Open<RecordVerifier>): void {
  declareSuite(name, open, cases);
}
