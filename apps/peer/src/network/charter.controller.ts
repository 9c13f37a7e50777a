import { Controller } from '@nestjs/common';
import { putCharter, readCharter, type CharterDoc, type CharterInput } from '@souk/contracts';
import { parseCharter, SoukError, type Charter } from '@souk/domain';
import { Handles } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import { charterDoc } from './network-status.ts';

/** The network's charter, as this peer holds it. */
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
}
