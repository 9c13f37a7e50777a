import { afterEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { toWire } from '@souk/domain';
import { LogWriter } from '@souk/testing';
import { bytesOf, cidOf, gather, inFolder } from '@souk/testing/conformance';
import { openDataFolder } from './index.ts';

/**
 * What the child runs, on the same sources: it opens the data folder, leaves a draft half written, then for each line of its
 * input commits a blob and appends the record of that line, and acknowledges both on its output.
 */
const program = `
  import { createInterface } from 'node:readline';
  import { blobCid, fromWire, sha256Of, verify } from '@souk/domain';
  import { openDataFolder } from '@souk/store';
  const data = await openDataFolder(process.argv[1]);
  const torn = await data.blobs.draft({ maxBytes: 1000 });
  await torn.write(new Uint8Array(500));
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const record = verify(fromWire(JSON.parse(line)));
    const draft = await data.blobs.draft({ maxBytes: 1000 });
    await draft.write(record.header);
    await Promise.all([draft.commit(blobCid(sha256Of(record.header))), data.logs.append([record])]);
    console.log(record.fields.seq);
  }
`;

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Child {
  readonly process: ChildProcess;
  /** What it acknowledges, line by line. */
  readonly lines: AsyncIterator<string>;
}

async function start(folder: string): Promise<Child> {
  const child = spawn(process.execPath, ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program, folder], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('ready');
  return { process: child, lines };
}

async function kill({ process: child }: Child): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

test('kill -9 loses nothing that was acknowledged, leaves no torn draft and no lock', async () => {
  await inFolder(async (folder) => {
    const writer = new LogWriter('ada');
    for (let seq = 0; seq < 400; seq += 1) writer.writeBytes('note', bytesOf(200, seq));
    const child = await start(folder);
    child.process.stdin?.on('error', () => undefined);
    child.process.stdin?.write(writer.records.map((record) => `${JSON.stringify(toWire(record))}\n`).join(''));
    let acknowledged = -1;
    while (acknowledged < 40) acknowledged = Number((await child.lines.next()).value);
    await kill(child);
    expect((await readdir(join(folder, 'drafts'))).length).toBeGreaterThan(0);
    const data = await openDataFolder(folder);
    const kept = await data.logs.read(writer.key, 0, 1000);
    expect(kept.length).toBeGreaterThan(acknowledged);
    expect(kept.map(({ record }) => record)).toEqual(writer.records.slice(0, kept.length));
    for (const { header } of writer.records.slice(0, acknowledged + 1)) expect(await gather(await data.blobs.read(cidOf(header)))).toEqual(header);
    expect(await readdir(join(folder, 'drafts'))).toEqual([]);
    expect((await data.logs.append(writer.records)).added).toHaveLength(400 - kept.length);
    await data.close();
  });
});

test('while another process owns the folder it is refused with its pid; after kill -9 it is free', async () => {
  await inFolder(async (folder) => {
    const child = await start(folder);
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'STORAGE_LOCKED', details: { pid: child.process.pid } });
    await kill(child);
    const data = await openDataFolder(folder);
    expect(await data.logs.size()).toMatchObject({ records: 0 });
    await data.close();
  });
});
