import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';

/** Kinds of calls, as the interposer counts them. `send` is any socket, `send to peer` one of the peer's ports. */
const calls = { create: 1, write: 2, sync: 4, 'sync folder': 8, rename: 16, unlink: 32, mkdir: 64, link: 128, truncate: 256, send: 512, 'send to peer': 1024, read: 2048 } as const;
const actions = { 'kill before': 1, 'kill after': 2, 'kill within': 3, fail: 4, fake: 5 } as const;
const errors = { EIO: 5, EACCES: 13, ENOSPC: 28, EROFS: 30 } as const;

/** A kind of call. */
export type Call = keyof typeof calls;
/** `kill within` ends the process when half of the bytes are written; `fake` reports success and does nothing. */
export type Action = keyof typeof actions;
/** What a call may be refused with. */
export type DiskError = keyof typeof errors;

/** Which calls are meant: their kinds, and what the path below the folder (or what is sent) contains; `=x` is the path x and no other. */
export interface Meant {
  readonly calls: readonly Call[];
  readonly where: string;
}

/** What is to happen to which calls. */
export interface Fault extends Meant {
  readonly action: Action;
  /** Meant calls that go by before. */
  readonly skip?: number;
  /** How many it happens to; all that follow when left out. */
  readonly times?: number;
  /** With `fail`. */
  readonly error?: DiskError;
  /** Nothing is counted before such a call. */
  readonly trigger?: Meant;
}

const bytes = 324;
const at = { armed: 0, ports: 40, needle: 56, triggerNeedle: 184, hits: 36, stop: 312, busy: 316, away: 320 };
const needleBytes = 127;

const maskOf = (of: readonly Call[]): number => of.reduce((mask, call) => mask | calls[call], 0);

/** The block of memory by which a running process is told which of its calls go wrong; both have the file mapped or open. */
export class Control {
  readonly path: string;
  readonly #file: number;

  /** Makes the file. */
  constructor(path: string) {
    this.path = path;
    writeFileSync(path, new Uint8Array(bytes));
    this.#file = openSync(path, 'r+');
  }

  /** From now on calls go wrong as told, instead of what was told before. */
  arm(fault: Fault): void {
    this.disarm();
    const block = Buffer.alloc(bytes);
    const numbers = [0, maskOf(fault.calls), fault.skip ?? 0, actions[fault.action], fault.error === undefined ? 0 : errors[fault.error], fault.times ?? 0, maskOf(fault.trigger?.calls ?? []), 0, 0, 0];
    for (const [index, number] of numbers.entries()) block.writeUInt32LE(number, index * 4);
    block.write(fault.where.slice(0, needleBytes), at.needle);
    block.write(fault.trigger?.where.slice(0, needleBytes) ?? '', at.triggerNeedle);
    writeSync(this.#file, block, 0, at.ports, 0);
    writeSync(this.#file, block, at.needle, at.stop - at.needle, at.needle);
    this.#put(at.armed, 1);
  }

  /** Nothing goes wrong any more. */
  disarm(): void {
    this.#put(at.armed, 0);
    this.#put(at.stop, 0);
  }

  /** Has the process die at its next change, and tells whether one goes on: when none does it can be killed without tearing a change from its note. */
  stop(): { readonly isBusy: boolean } {
    this.#put(at.stop, 1);
    return { isBusy: this.#get(at.busy) !== 0 };
  }

  /** Which ports are those of peers: at most four. */
  peerPorts(ports: readonly number[]): void {
    for (const [index, port] of ports.entries()) this.#put(at.ports + index * 4, port);
  }

  /** Whoever listens on this port refuses connections of the process from now on; 0 is nobody. */
  away(port: number): void {
    this.#put(at.away, port);
  }

  /** How many calls it has happened to since it was armed. */
  get hits(): number {
    return this.#get(at.hits);
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#file);
  }

  #get(offset: number): number {
    const four = Buffer.alloc(4);
    readSync(this.#file, four, 0, 4, offset);
    return four.readUInt32LE();
  }

  #put(offset: number, number: number): void {
    const four = Buffer.alloc(4);
    four.writeUInt32LE(number);
    writeSync(this.#file, four, 0, 4, offset);
  }
}
