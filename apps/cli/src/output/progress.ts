import type { Context } from '../context.ts';
import { bytesText } from './printable.ts';

/** How far something long has got. */
export interface Progress {
  /** Counts bytes. */
  add(bytes: number): void;
  /** Removes the bar. */
  stop(): void;
}

/** A bar on standard error when a person looks at it; else nothing is drawn. */
export async function openProgress(context: Context, total: number): Promise<Progress> {
  if (!context.out.animated) return { add: () => {}, stop: () => {} };
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar({
    stream: context.host.stderr as NodeJS.WriteStream,
    clearOnComplete: true,
    hideCursor: true,
    format: (_options, { progress: part, value }) => `${'='.repeat(Math.round(part * 30)).padEnd(30)} ${bytesText(value)} of ${bytesText(total)}`,
  });
  bar.start(total, 0);
  return { add: (bytes) => bar.increment(bytes), stop: () => bar.stop() };
}
