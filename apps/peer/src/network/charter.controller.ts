import { Controller } from '@nestjs/common';
import { listJoinTokens, makeJoinToken, putCharter, readCharter, redeemJoin, revokeJoinToken, type CharterDoc, type CharterInput, type JoinAnswer, type JoinInput, type JoinTokenDoc, type JoinTokenInput, type NewJoinToken } from '@souk/contracts';
import { parseCharter, SoukError, toBase64, type Charter } from '@souk/domain';
import { Handles } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import type { CountingToken } from './join-tokens.ts';
import { charterDoc, inviteOf } from './network-status.ts';

/** The network's charter, as this peer holds it, and the tokens by which others join. */
@Controller()
export class CharterController {
  constructor(private readonly peer: PeerRuntime) {}

  @Handles(readCharter)
  charter(): CharterDoc {
    const held = this.peer.charter.current();
    if (held) return charterDoc(held);
    throw new SoukError('NOT_FOUND', 'This network has no charter, as far as this site was told.', { hint: 'Make one: souk network create. Or give this site the one there is: souk network charter FILE.' });
  }

  @Handles(putCharter)
  async put({ text }: CharterInput): Promise<CharterDoc> {
    const { charter, node } = this.peer;
    if (await charter.put(parseCharter(text).signed)) node.charterChanged();
    return charterDoc(charter.current() as Charter);
  }

  @Handles(makeJoinToken)
  async token(input: JoinTokenInput): Promise<NewJoinToken> {
    const { id, secret, uses, until } = await this.peer.joinTokens.make(input);
    return { id, secret: toBase64(secret), uses, expiresAt: new Date(until).toISOString() };
  }

  @Handles(listJoinTokens)
  tokens(): { tokens: JoinTokenDoc[] } {
    return { tokens: this.peer.joinTokens.list().map(tokenDoc) };
  }

  @Handles(revokeJoinToken)
  async revoke({ id }: { id: string }): Promise<JoinTokenDoc> {
    return tokenDoc(await this.peer.joinTokens.revoke(id));
  }

  @Handles(redeemJoin)
  async join(input: JoinInput): Promise<JoinAnswer> {
    return { sealed: toBase64(await this.peer.joinTokens.redeem(input, () => inviteOf(this.peer))) };
  }
}

function tokenDoc({ id, left, until }: CountingToken): JoinTokenDoc {
  return { id, left, expiresAt: new Date(until).toISOString() };
}
