import { createCipheriv, createHash } from 'node:crypto';
import { carType } from '@souk/contracts';
import { writeCar } from '@souk/archive';
import { ErrorBody, parseCid, toWire, type WireRecord } from '@souk/domain';
import { author, type Author } from '@souk/testing/builders';
import type { Site } from '../../scenario/site.ts';
import { makeRelease, type Release } from './release.ts';

/** How somebody publishes. */
export interface Habit {
  /** Versions per append; with more than one the blobs are sent together, as `souk import` does. */
  readonly together: number;
  /** Most bytes of a blob. */
  readonly bytes: number;
  /** Requirements that each version has, for records that are large; none unless given. */
  readonly requirements?: number;
  /** Versions after which a new package begins; one package unless given. */
  readonly versions?: number;
}

/** A site refused what it should have taken. */
export class Refused extends Error {
  /** The error's code, if the answer had one. */
  readonly code: string;

  constructor(who: string, what: string, status: number, body: unknown) {
    super(`${who}: ${what} were answered by ${status}: ${JSON.stringify(body)}`);
    this.code = ErrorBody.safeParse(body).data?.code ?? 'none';
  }
}

/** Errors that mean only that a part of the site is gone. */
const isPassing = (body: unknown): boolean => ['UNAVAILABLE', 'TIMEOUT', 'CANCELLED'].includes(ErrorBody.safeParse(body).data?.code ?? '');

/** How a site answered; undefined when it did not. */
type Answer = { readonly status: number; readonly body: unknown } | undefined;

const deadlineMs = 20_000;
/** How often somebody who publishes again goes unanswered, as on a machine that does other work too. */
const mostTries = 5;

/** Somebody who publishes version after version, one at a time, and never forgets what was acknowledged. */
export class Publisher {
  readonly name: string;
  /** What the site has said is on disk. */
  readonly acknowledged: Release[] = [];
  readonly #author: Author;
  readonly #habit: Habit;
  readonly #random: () => number;
  /** Sent without an answer so far: the site may have it or not. */
  #inDoubt: Release[] = [];
  readonly #made = new Map<string, number>();
  #isIntroduced = false;
  #count = 0;

  constructor(name: string, habit: Habit, random: () => number) {
    this.name = name;
    this.#author = author(name);
    this.#habit = habit;
    this.#random = random;
  }

  /** The key that signs. */
  get key(): string {
    return this.#author.device.key;
  }

  /** The publisher that the key belongs to. */
  get id(): string {
    return this.#author.id;
  }

  /** How many versions of a package there are, acknowledged or in doubt. */
  made(name: string): number {
    return this.#made.get(name) ?? 0;
  }

  /** Publishes what is in doubt again, else something new. False when the site did not answer. Throws Refused when it refused. */
  async publish(site: Site): Promise<boolean> {
    if (this.#inDoubt.length === 0) this.#inDoubt = await this.#make();
    const sent = await this.#send(site, this.#inDoubt, [200, 201]);
    if (!sent) return false;
    this.#isIntroduced = true;
    this.acknowledged.push(...this.#inDoubt);
    this.#inDoubt = [];
    return true;
  }

  /** Publishes for as long as the site answers, at most so many times. */
  async publishOn(site: Site, most: number): Promise<void> {
    for (let times = 0; times < most; times += 1) if (!(await this.publish(site))) return;
  }

  /** Publishes what was acknowledged last again: the site must say that it has all of it. */
  async publishAgain(site: Site): Promise<void> {
    const last = this.acknowledged.slice(-this.#habit.together);
    for (let tries = 1; last.length > 0 && !(await this.#send(site, last, [200])); tries += 1) if (tries === mostTries) throw new Error(`${this.name}: the site did not answer who published again.`);
  }

  async #make(): Promise<Release[]> {
    const releases = [];
    for (let count = 0; count < this.#habit.together; count += 1) {
      const { bytes, versions, requirements = 0 } = this.#habit;
      const name = versions === undefined ? this.name : `${this.name}-${Math.floor(this.#count / versions)}`;
      this.#count += 1;
      this.#made.set(name, this.made(name) + 1);
      const manifest = { name, version: `1.0.${this.#count}`, dependencies: required(requirements) };
      releases.push(await makeRelease(this.#author, manifest, noiseOf(`${this.name}-${this.#count}`, 1 + Math.floor(this.#random() * bytes))));
    }
    return releases;
  }

  async #send(site: Site, releases: readonly Release[], expected: readonly number[]): Promise<boolean> {
    const blobs = releases.length === 1 ? await this.#putOne(site, releases[0] as Release) : await this.#putAll(site, releases);
    if (!this.#isFine('blobs', blobs, expected)) return false;
    const introduction = this.#isIntroduced ? [] : [...this.#author.root.records, ...this.#author.device.records.slice(0, 1)].map(toWire);
    const records = await this.#post(site, '/v1/records', 'application/json', JSON.stringify({ records: [...introduction, ...releases.map(({ record }): WireRecord => record)] }));
    return this.#isFine('records', records, expected);
  }

  #isFine(what: string, answer: Answer, expected: readonly number[]): boolean {
    if (answer === undefined || isPassing(answer.body)) return false;
    if (!expected.includes(answer.status)) throw new Refused(this.name, what, answer.status, answer.body);
    return true;
  }

  #putOne(site: Site, { cid, bytes }: Release): Promise<Answer> {
    return ask(site, `/v1/blobs/${cid}`, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: bytes });
  }

  #putAll(site: Site, releases: readonly Release[]): Promise<Answer> {
    return this.#post(site, '/v1/blobs', carType, writeCar(releases.map(({ cid, bytes }) => ({ cid: parseCid(cid), bytes }))));
  }

  #post(site: Site, path: string, type: string, body: string | Uint8Array<ArrayBuffer>): Promise<Answer> {
    return ask(site, path, { method: 'POST', headers: { 'content-type': type }, body });
  }
}

function required(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`something-required-${at}`, '^1.0.0']));
}

/** Bytes that do not compress, the same ones for the same name. */
function noiseOf(name: string, size: number): Uint8Array {
  const key = createHash('sha256').update(name).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

async function ask(site: Site, path: string, init: RequestInit): Promise<Answer> {
  try {
    return await site.ask(path, { ...init, signal: AbortSignal.timeout(deadlineMs) });
  } catch {
    return undefined;
  }
}
