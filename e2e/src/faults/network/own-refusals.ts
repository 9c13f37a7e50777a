import type { FrameTap } from '@souk/p2p';

/** Counts the streams that a peer ended before their time, as its metric `souk_p2p_streams_refused_total` does: by `protocol code`. */
export function ownRefusals(): { readonly tap: FrameTap; counts(): Readonly<Record<string, number>> } {
  const counts: Record<string, number> = {};
  const tap: FrameTap = {
    refused: (protocol, code) => {
      const name = `${protocol} ${code}`;
      counts[name] = (counts[name] ?? 0) + 1;
    },
  };
  return { tap, counts: () => counts };
}
