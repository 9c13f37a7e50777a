import { z } from 'zod';
import { BanSubject, Bindable, Cid, KeyId, PackageName, Version } from '@souk/domain';

/** A binding as the API shows it; `charter` is the version of the network's charter when that decided it. */
export const BindingDoc = z.object({ name: Bindable, publisher: KeyId, by: z.enum(['sight', 'policy']), charter: z.int().optional() }).meta({ id: 'Binding' });
export type BindingDoc = z.infer<typeof BindingDoc>;

const reason = z.string().max(1024).default('');

/** Whom to shut out, and for how long; without `forSeconds` until the ban is lifted. */
export const BanInput = z.object({ subject: BanSubject, forSeconds: z.int().min(1).max(315_360_000).optional(), reason }).meta({ id: 'BanInput' });
export type BanInput = z.infer<typeof BanInput>;
/** A ban as the API shows it. */
export const BanDoc = z.object({ subject: BanSubject, until: z.iso.datetime().optional(), reason: z.string() }).meta({ id: 'Ban' });
export type BanDoc = z.infer<typeof BanDoc>;

/** What to take down. */
export const TakedownInput = z
  .object({
    subject: z.discriminatedUnion('type', [
      z.object({ type: z.literal('blob'), cid: Cid }),
      z.object({ type: z.literal('version'), name: PackageName, version: Version }),
      z.object({ type: z.literal('record'), key: KeyId, seq: z.int().min(0) }),
    ]),
    reason,
  })
  .meta({ id: 'TakedownInput' });
export type TakedownInput = z.infer<typeof TakedownInput>;
/** A takedown as the API shows it, with the blobs and packages that it concerned here. */
export const TakedownDoc = z
  .object({
    subject: z.discriminatedUnion('type', [
      z.object({ type: z.literal('blob'), cid: Cid, names: z.array(PackageName).optional() }),
      z.object({ type: z.literal('version'), name: PackageName, version: Version, cids: z.array(Cid) }),
      z.object({ type: z.literal('record'), key: KeyId, seq: z.int().min(0) }),
    ]),
    reason: z.string(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Takedown' });
export type TakedownDoc = z.infer<typeof TakedownDoc>;
