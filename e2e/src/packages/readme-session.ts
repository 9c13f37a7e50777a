import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../scenario/repository.ts';

/** One command of a session with what it prints. */
export interface SessionStep {
  /** The words of the command, without the prompt. */
  readonly words: readonly string[];
  /** The lines that are shown below it. */
  readonly shown: readonly string[];
}

/** Every `souk` command in the README's blocks tagged `console`, in order. */
export function readmeSession(): SessionStep[] {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  return blocks.flatMap((block) => block.split(/^\$ /m).slice(1).map(stepOf)).filter(({ words }) => words[0] === 'souk');
}

function stepOf(text: string): SessionStep {
  const [command = '', ...shown] = text.trimEnd().split('\n');
  return { words: command.split(/\s+#/)[0]?.trim().split(/\s+/) ?? [], shown };
}

/** A line without what differs from run to run: keys, cids, addresses, secrets, dates and durations. */
export function timeless(line: string): string {
  return line
    .replace(/z6Mk\w+/g, 'KEY')
    .replace(/bafk\w+/g, 'CID')
    .replace(/12D3Koo\w+/g, 'PEER')
    .replace(/souk1_[\w-]+/g, 'INVITE')
    .replace(/https?:\/\/127\.0\.0\.1:\d+/g, 'URL')
    .replace(/\d{4}-\d\d-\d\d(T[\d:.]+Z)?/g, 'DATE')
    .replace(/\b\d+(\.\d+)? ms\b/g, 'N ms')
    .trimEnd();
}

/** The lines that are shown but not printed, in that order; a README may leave lines out, and write `...` for a part of one, as a narrow terminal does. */
export function inventedLines(shown: readonly string[], printed: string): string[] {
  const lines = printed.split('\n').map(timeless);
  let from = 0;
  return shown.map(timeless).filter((line) => {
    const pattern = new RegExp(`^${line.split(/\.\.\.|…/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*')}$`);
    const at = lines.findIndex((one, index) => index >= from && pattern.test(one));
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}
