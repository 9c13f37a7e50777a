import type { Context } from '../context.ts';
import { count } from './printable.ts';

/** How far an import has got. */
export interface ImportProgress {
  /** So many bytes of the file are done, with so many packages. */
  show(position: number, packages: number): void;
  /** Removes the bar. */
  stop(): void;
}

/** A bar with the rate on standard error when a person looks at it; else nothing is drawn. `size`: bytes of the file. */
export async function openImportProgress({ host, out }: Context, size: number): Promise<ImportProgress> {
  if (!out.animated) return { show: () => {}, stop: () => {} };
  const { default: progress } = await import('cli-progress');
  const start = host.now();
  const format = (_options: unknown, { progress: part }: { progress: number }, { packages = 0 }: { packages?: number }): string => {
    const rate = Math.round(packages / Math.max((host.now() - start) / 1000, 0.001));
    return `${'='.repeat(Math.round(part * 30)).padEnd(30)} ${Math.floor(part * 100)} %  ${count(packages, 'package')}  ${rate}/s`;
  };
  const bar = new progress.SingleBar({ stream: host.stderr as NodeJS.WriteStream, clearOnComplete: true, hideCursor: true, format });
  bar.start(size, 0, { packages: 0 });
  return { show: (position, packages) => bar.update(position, { packages }), stop: () => bar.stop() };
}
