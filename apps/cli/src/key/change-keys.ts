import { routes } from '@souk/contracts';
import { fromWire, readFact, SoukError, toHex, verify, type KeyId, type VerifiedRecord } from '@souk/domain';
import { stat } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { joinedPublisher, keepPublisher } from '../home/identity.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { Author } from '../publish/author.ts';
import { parseKey } from './join-publisher.ts';

async function asAuthor<T>(context: Context, work: (author: Author) => Promise<T>): Promise<T> {
  const author = await Author.open(context);
  try {
    return await work(author);
  } finally {
    await author.close();
  }
}

/** What the roots said last of a key: `delegate`, `revoke`, or nothing. */
async function lastWord(author: Author, key: KeyId): Promise<'delegate' | 'revoke' | undefined> {
  let word: 'delegate' | 'revoke' | undefined;
  for (const fact of (await author.rootRecords()).map(readFact)) if ((fact?.kind === 'delegate' || fact?.kind === 'revoke') && fact.body.key === key) word = fact.kind;
  return word;
}

/** Lets the key of another computer write for this publisher. Throws FORBIDDEN without the root, BAD_REQUEST for a key that was revoked: that can't be taken back. */
export async function addKey(context: Context, text: string, name: string): Promise<void> {
  const key = parseKey(text, 'the key of a computer');
  if (name.length < 1 || name.length > 64) throw new SoukError('BAD_REQUEST', 'A name has 1 to 64 characters.');
  await asAuthor(context, async (author) => {
    const word = await lastWord(author, key);
    if (word === 'revoke') throw new SoukError('BAD_REQUEST', `The key ${key} was revoked, which is for good.`, { hint: 'Make a new key on that computer: move SOUK_HOME/keys/device away and run souk key join again.' });
    const record = word === undefined ? await author.signAsRoot('delegate', { key, name }) : undefined;
    await author.send(record);
    const { publisher } = author;
    context.out.answer({ publisher, key, name, signed: record !== undefined }, () => (record ? `${key} (${name}) may write for ${publisher} now\n` : `${key} may write for ${publisher} already\n`));
  });
}

/** The record of a key's log at `seq`, as the site holds it; it is verified. Throws UNTRUSTED_ANSWER, BAD_REQUEST when there is none. */
async function recordAt(author: Author, key: KeyId, seq: number): Promise<VerifiedRecord> {
  const { records } = await author.gateway.call(routes.getLog, { params: { id: key }, query: { after: seq - 1, limit: 1 } });
  const [wire] = records;
  if (!wire) throw new SoukError('BAD_REQUEST', `The site has no record ${seq} of ${key}.`, { hint: 'Leave --after out to keep all that the site has.' });
  const record = verify(fromWire(wire));
  if (record.key !== key || record.fields.seq !== seq) throw new SoukError('UNTRUSTED_ANSWER', `Asked for record ${seq} of ${key}, the site gave another one.`);
  return record;
}

/**
 * Takes the right to write back from a computer's key, for good: what it wrote up to a record still counts, by default all that the site has. `after` -1: nothing
 * counts. Throws FORBIDDEN without the root, BAD_REQUEST for a key that was never delegated, and for this computer's own.
 */
export async function revokeKey(context: Context, text: string, after: number | undefined): Promise<void> {
  const key = parseKey(text, 'the key of a computer');
  await asAuthor(context, async (author) => {
    if (key === author.deviceKey) throw new SoukError('BAD_REQUEST', "That is this computer's own key.", { hint: 'Revoke it on another computer that has the root.' });
    if ((await lastWord(author, key)) === undefined) throw new SoukError('BAD_REQUEST', `The key ${key} never wrote for ${author.publisher}.`, { hint: 'souk key list shows the keys that do.' });
    const { keys } = await author.gateway.call(routes.getPublisher, { params: { id: author.publisher } });
    const seq = after ?? keys.find((one) => one.key === key)?.head?.seq ?? -1;
    const last = seq < 0 ? undefined : await recordAt(author, key, seq);
    await author.send(await author.signAsRoot('revoke', { key, lastSeq: last ? seq : -1, lastHash: last?.hash ?? null }));
    const counted = last ? `records up to ${seq} count, later ones don't` : 'nothing that it wrote counts';
    context.out.answer({ publisher: author.publisher, key, lastSeq: last ? seq : -1, ...(last ? { lastHash: toHex(last.hash) } : {}) }, () => `${key} is revoked: ${counted}\n`);
  });
}

/** Lets the committed next key take the place of the root. `publisher` names the publisher where its first root key is lost. Throws FORBIDDEN without the next key. */
export async function rotateRoot(context: Context, publisher: string | undefined): Promise<void> {
  const { home } = context;
  if (publisher !== undefined) {
    const named = parseKey(publisher, 'a publisher');
    const known = await joinedPublisher(home);
    if ((known ?? named) !== named) throw new SoukError('BAD_REQUEST', `This computer writes for ${known}.`);
    if ((await onDisk(`Reading ${home.keys}`, () => ifPresent(() => stat(`${home.keys}/root`)))) === undefined) await keepPublisher(home, named);
  }
  await asAuthor(context, async (author) => {
    await author.send();
    const record = await author.rotate();
    await author.send(record);
    context.out.answer({ publisher: author.publisher, root: record.key }, () => `The root of ${author.publisher} is ${record.key} now. Its successor was made in ${home.keys}: back that folder up\n`);
  });
}
