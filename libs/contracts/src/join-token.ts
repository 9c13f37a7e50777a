import { z } from 'zod';
import { fromBase64, joinBytes, SoukError, toBase64 } from '@souk/domain';

/** A join token: where the site that made it is asked, which of its tokens it is, and the secret that both know. */
export interface JoinToken {
  readonly url: string;
  readonly id: string;
  readonly secret: Uint8Array;
}

const prefix = 'souk-join1_';
const Content = z.object({ u: z.url({ protocol: /^https?$/ }).max(512), i: z.string().regex(/^[0-9a-f]{16}$/), s: z.string().length(43) });

/** 32 bytes inside JSON. */
const Bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url');

/** What a join token is made with: how often it can be used, and for how long. */
export const JoinTokenInput = z.object({ uses: z.int().min(1).max(1000).default(1), expiresInSeconds: z.int().min(60).max(2_592_000).default(86_400) }).meta({ id: 'JoinTokenInput' });
export type JoinTokenInput = z.infer<typeof JoinTokenInput>;
/** A join token that was just made; its secret is in this answer and in the data folder of the primary. */
export const NewJoinToken = z.object({ id: z.string(), secret: Bytes32, uses: z.int(), expiresAt: z.iso.datetime() }).meta({ id: 'NewJoinToken' });
export type NewJoinToken = z.infer<typeof NewJoinToken>;
const tokenId = z.string().regex(/^[0-9a-f]{16}$/);
/** Names a join token. */
export const JoinTokenId = z.object({ id: tokenId });
/** A join token that counts still: how many may join by it, and until when. Its secret is shown by nobody any more. */
export const JoinTokenDoc = z.object({ id: z.string(), left: z.int(), expiresAt: z.iso.datetime() }).meta({ id: 'JoinToken' });
export type JoinTokenDoc = z.infer<typeof JoinTokenDoc>;
/** A request to join: which token, a nonce of whoever joins, and the proof that it knows the token's secret. */
export const JoinInput = z.object({ id: tokenId, nonce: Bytes32, proof: Bytes32 }).meta({ id: 'JoinInput' });
export type JoinInput = z.infer<typeof JoinInput>;
/** An invite, sealed for who knows the secret. */
export const JoinAnswer = z.object({ sealed: z.string().max(16_384) }).meta({ id: 'JoinAnswer' });
export type JoinAnswer = z.infer<typeof JoinAnswer>;

/** Whether a text looks like a join token. */
export function isJoinToken(text: string): boolean {
  return text.startsWith(prefix);
}

/** A join token as one string that can be pasted. Whoever has it can join while it lasts, so it is a secret. */
export function formatJoinToken({ url, id, secret }: JoinToken): string {
  return prefix + toBase64(new TextEncoder().encode(JSON.stringify({ u: url, i: id, s: toBase64(secret) })));
}

/** Reads a join token. Throws BAD_INVITE; never repeats the text, which is a secret. */
export function parseJoinToken(text: string): JoinToken {
  try {
    if (!isJoinToken(text) || text.length > 2048) throw new RangeError('not a join token');
    const { u, i, s } = Content.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(text.slice(prefix.length)))));
    const secret = fromBase64(s);
    if (secret.length !== joinBytes.secret) throw new RangeError('a secret of another length');
    return { url: u, id: i, secret };
  } catch (cause) {
    throw new SoukError('BAD_INVITE', 'The join token is damaged.', { hint: `Copy the whole line that souk network token prints; it begins with ${prefix}.`, cause });
  }
}
