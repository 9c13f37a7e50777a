import { z } from 'zod';
import { fromBase64, KeyId, SoukError, toBase64 } from '@souk/domain';

/** What an invite says: addresses of peers to join, the network's key (32 bytes; absent for an open network), and who signs its charters, if it has any. */
export interface Invite {
  readonly addresses: readonly string[];
  readonly networkKey?: Uint8Array;
  readonly authority?: KeyId;
}

const prefix = 'souk1_';
const Content = z.object({ a: z.array(z.string().min(1).max(512)).min(1).max(16), k: z.string().length(43).optional(), u: KeyId.optional() });

/** An invite as one string that can be pasted: `souk1_` and base64url. Whoever has it can join, so it is a secret. */
export function formatInvite(invite: Invite): string {
  const content = { a: invite.addresses, ...(invite.networkKey ? { k: toBase64(invite.networkKey) } : {}), ...(invite.authority === undefined ? {} : { u: invite.authority }) };
  return prefix + toBase64(new TextEncoder().encode(JSON.stringify(content)));
}

/** Reads an invite. Throws BAD_INVITE; never repeats the text, which is a secret. */
export function parseInvite(text: string): Invite {
  const hint = 'Copy the whole line that `souk network invite` prints; it begins with souk1_.';
  if (!text.startsWith(prefix) || text.length > 8192) throw new SoukError('BAD_INVITE', 'That is not an invite.', { hint });
  try {
    const content = Content.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(text.slice(prefix.length)))));
    return { addresses: content.a, ...(content.k === undefined ? {} : { networkKey: fromBase64(content.k) }), ...(content.u === undefined ? {} : { authority: content.u }) };
  } catch (cause) {
    throw new SoukError('BAD_INVITE', 'The invite is damaged.', { hint, cause });
  }
}
