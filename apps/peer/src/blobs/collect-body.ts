import type { Readable } from 'node:stream';
import { SoukError } from '@souk/domain';

function tooLarge(limit: number): SoukError {
  return new SoukError('TOO_LARGE', `The upload has more than ${limit} bytes.`, { hint: 'Send fewer blobs at once; upload a large one by itself, with PUT.', details: { limit } });
}

/**
 * A whole body in memory of its own. `announced` is the size that the sender says, if it does. The stream outlives a failure, so that the
 * answer can still be sent on its connection. Throws TOO_LARGE with details `{ limit }`, CANCELLED when the sender goes away.
 */
export async function collectBody(body: Readable, limit: number, announced = 0): Promise<Uint8Array<ArrayBuffer>> {
  if (announced > limit) throw tooLarge(limit);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      size += piece.length;
      if (size > limit) throw tooLarge(limit);
      pieces.push(piece);
    }
  } catch (cause) {
    throw cause instanceof SoukError ? cause : new SoukError('CANCELLED', 'The upload was cut off.', { hint: 'Send it again; nothing of it was kept.', cause });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
