import type { KeyId } from '../id/key-id.ts';
import type { BodyOf } from '../record/body.ts';
import type { TakedownSubject } from '../record/site-body.ts';

/** Something that was taken down. */
export interface Takedown {
  readonly subject: TakedownSubject;
  readonly reason: string;
  /** Milliseconds since 1970 by the site's clock, for display. */
  readonly at: number;
}

/** What was taken down, as the records of a site log make it. Nothing ever leaves it. */
export class Takedowns {
  readonly #all: Takedown[] = [];
  readonly #blobs = new Map<string, Takedown>();
  readonly #versions = new Map<string, Takedown>();
  readonly #records = new Map<string, Takedown>();

  /** Takes the next takedown. */
  take({ subject, reason }: BodyOf<'takedown'>, at: number): void {
    const takedown = { subject, reason, at };
    this.#all.push(takedown);
    if (subject.type === 'blob') this.#blobs.set(subject.cid, takedown);
    else if (subject.type === 'record') this.#records.set(`${subject.key}/${subject.seq}`, takedown);
    else {
      this.#versions.set(`${subject.name}@${subject.version}`, takedown);
      for (const cid of subject.cids) this.#blobs.set(cid, takedown);
    }
  }

  /** The takedown of a blob. */
  ofBlob(cid: string): Takedown | undefined {
    return this.#blobs.get(cid);
  }

  /** The takedown of a version. */
  ofVersion(name: string, version: string): Takedown | undefined {
    return this.#versions.get(`${name}@${version}`);
  }

  /** The takedown of one record. */
  ofRecord(key: KeyId, seq: number): Takedown | undefined {
    return this.#records.get(`${key}/${seq}`);
  }

  /** Whether anything was ever taken down. */
  get any(): boolean {
    return this.#all.length > 0;
  }

  /** All takedowns, oldest first. */
  list(): readonly Takedown[] {
    return this.#all;
  }
}
