import { readFileSync } from 'node:fs';

/** Something that a process did to its folder. Files are told by inode, names by their path below the folder. */
export type Change =
  | { readonly kind: 'create'; readonly inode: bigint; readonly path: string }
  | { readonly kind: 'write'; readonly inode: bigint; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: bigint; readonly size: number }
  | { readonly kind: 'sync begin' | 'sync end'; readonly inode: bigint; readonly id: string }
  | { readonly kind: 'folder begin' | 'folder end'; readonly path: string; readonly id: string }
  | { readonly kind: 'rename' | 'link'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink' | 'mkdir'; readonly path: string };

const headBytes = 28;

type Entry = { readonly inode: bigint; readonly number: number; readonly name: string; readonly bytes: Buffer };

const readers: Readonly<Record<number, (entry: Entry) => Change>> = {
  1: ({ inode, name }) => ({ kind: 'create', inode, path: name }),
  2: ({ inode, number, bytes }) => ({ kind: 'write', inode, at: number, bytes }),
  3: ({ inode, number }) => ({ kind: 'truncate', inode, size: number }),
  4: ({ inode, number }) => ({ kind: 'sync begin', inode, id: `file ${number}` }),
  5: ({ inode, number }) => ({ kind: 'sync end', inode, id: `file ${number}` }),
  6: ({ name, number }) => ({ kind: 'folder begin', path: name, id: `folder ${number}` }),
  7: ({ name, number }) => ({ kind: 'folder end', path: name, id: `folder ${number}` }),
  8: ({ name, bytes }) => ({ kind: 'rename', from: name, to: bytes.toString() }),
  9: ({ name }) => ({ kind: 'unlink', path: name }),
  10: ({ name }) => ({ kind: 'mkdir', path: name }),
  11: ({ name, bytes }) => ({ kind: 'link', from: name, to: bytes.toString() }),
};

/** Everything that a process did to its folder, in order, as the interposer noted it. */
export function readJournal(path: string): Change[] {
  const whole = readFileSync(path);
  const changes: Change[] = [];
  for (let at = 0; at < whole.length; ) {
    const [kind, nameSize, size] = [whole.readUInt32LE(at), whole.readUInt32LE(at + 4), whole.readUInt32LE(at + 8)];
    const name = whole.subarray(at + headBytes, at + headBytes + nameSize).toString();
    const bytes = whole.subarray(at + headBytes + nameSize, at + headBytes + nameSize + size);
    const read = readers[kind];
    if (!read) throw new Error(`The journal has an entry of kind ${kind} at ${at}.`);
    changes.push(read({ inode: whole.readBigUInt64LE(at + 12), number: Number(whole.readBigUInt64LE(at + 20)), name, bytes }));
    at += headBytes + nameSize + size;
  }
  return changes;
}
