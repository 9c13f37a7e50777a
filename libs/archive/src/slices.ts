import { abortError } from '@souk/domain';

/** Bytes of a slice: what is decompressed, judged and written at a time, and so the memory that one archive takes. */
export const sliceBytes = 65_536;

function nextOrAbort(iterator: AsyncIterator<Uint8Array>, signal: AbortSignal | undefined, what: string): Promise<IteratorResult<Uint8Array>> {
  if (!signal) return iterator.next();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal, what));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function* chunksOf(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined, what: string): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await nextOrAbort(iterator, signal, what);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // a source that hangs would hang here too, so nobody waits for its end
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/**
 * The bytes of a source in slices of exactly `sliceBytes`, the last one shorter. However a source cuts its bytes, the slices are the same,
 * and so is every verdict that is made slice by slice. `what` names the work in CANCELLED and TIMEOUT, which also interrupt a source that hangs.
 */
export async function* slicesOf(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined, what: string): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(source, signal, what)) {
    let rest = chunk;
    while (length + rest.length >= sliceBytes) {
      const head = rest.subarray(0, sliceBytes - length);
      yield held.length === 0 ? head : Buffer.concat([...held, head], sliceBytes);
      rest = rest.subarray(head.length);
      held = [];
      length = 0;
    }
    if (rest.length > 0) held.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(held, length);
}
