import { z } from 'zod';
import { Hex32, KeyId, toHex, WireRecord, type Head } from '@souk/domain';

/** A head inside JSON. */
export const WireHead = z.object({ key: KeyId, seq: z.int().min(0), hash: Hex32 }).meta({ id: 'Head' });
export type WireHead = z.infer<typeof WireHead>;

/** The JSON form of a head. */
export function toWireHead(head: Head): WireHead {
  return { key: head.key, seq: head.seq, hash: toHex(head.hash) };
}

/** Most records that one append takes. */
export const maxAppend = 500;

/** Records to append: of any number of logs, each log's in order. */
export const AppendInput = z.object({ records: z.array(WireRecord).min(1).max(maxAppend) }).meta({ id: 'Append' });
export type AppendInput = z.infer<typeof AppendInput>;

/** What an append did: how many records were new, and the heads of the logs it named. All of it is on disk. */
export const AppendOutput = z.object({ added: z.int().min(0), heads: z.array(WireHead) }).meta({ id: 'Appended' });
export type AppendOutput = z.infer<typeof AppendOutput>;

/** A slice of one log. */
export const LogOutput = z.object({ records: z.array(WireRecord), head: WireHead.optional() }).meta({ id: 'Log' });
export type LogOutput = z.infer<typeof LogOutput>;

/** What a site knows of a publisher: its keys, their heads, and the clock that its next record must exceed. */
export const PublisherDoc = z
  .object({
    id: KeyId,
    clock: z.int().min(0),
    keys: z.array(z.object({ key: KeyId, role: z.enum(['root', 'device']), standing: z.enum(['good', 'ended']), head: WireHead.optional() })),
  })
  .meta({ id: 'Publisher' });
export type PublisherDoc = z.infer<typeof PublisherDoc>;
