import { maxAppend, maxBulk } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { madePackage, tarballPackage, type Candidate } from './candidate.ts';
import type { FileLine, LineFile } from './file-lines.ts';
import { maxLineBytes, readLine, type LinePackage } from './line-package.ts';
import type { Refusals } from './refusals.ts';
import { Turns } from '../turns.ts';

/** Packages that are looked up, uploaded and appended together. */
export interface Batch {
  readonly candidates: readonly Candidate[];
  /** Lines that were read so far, this batch's among them. */
  readonly lines: number;
  /** Bytes of the file that were read so far. */
  readonly position: number;
}

/** Where the contents come from, and who hears of lines that can't be read. */
export interface CandidateSource {
  readonly file: LineFile;
  /** Folder of tarballs; contents are made of the lines when there is none. */
  readonly tarballs?: string;
  readonly refusals: Refusals;
  readonly signal: AbortSignal;
}

/** Most characters of the records of one append, about: what fits into one message of a site. */
const maxRecordChars = 600_000;
/** Most bytes of the archives of one batch. */
const maxWeight = maxBulk.bytes / 2;

/** Characters of a release's JSON form, rather more than fewer: its manifest as base64, and what every record has. */
function recordChars({ manifest }: Candidate): number {
  return 1200 + JSON.stringify(manifest).length * 1.4;
}

function parsed({ number, bytes }: FileLine): LinePackage {
  if (bytes === undefined) throw new SoukError('TOO_LARGE', `The line has more than ${maxLineBytes} bytes.`, { details: { maxBytes: maxLineBytes, line: number } });
  return readLine(bytes);
}

async function candidateOf(line: FileLine, { tarballs, refusals, signal }: CandidateSource): Promise<Candidate | undefined> {
  let one: LinePackage | undefined;
  try {
    one = parsed(line);
    return tarballs === undefined ? madePackage(line.number, one) : await tarballPackage(line.number, one, tarballs, signal);
  } catch (error) {
    refusals.add({ ...one, line: line.number }, error);
    return undefined;
  }
}

/** The packages of a file in groups, each small enough for one transaction of the site. Lines that can't be read are refusals. */
export async function* candidateBatches(source: CandidateSource): AsyncGenerator<Batch, void, undefined> {
  let candidates: Candidate[] = [];
  let chars = 0;
  let weight = 0;
  let lines = 0;
  const turns = new Turns();
  const batch = (): Batch => {
    const full = { candidates, lines, position: source.file.position };
    [candidates, chars, weight] = [[], 0, 0];
    return full;
  };
  for await (const line of source.file.lines()) {
    lines += 1;
    await turns.next();
    const candidate = await candidateOf(line, source);
    if (!candidate) continue;
    candidates.push(candidate);
    chars += recordChars(candidate);
    weight += candidate.weight;
    if (candidates.length === maxAppend || chars > maxRecordChars || weight > maxWeight) yield batch();
  }
  yield batch();
}
