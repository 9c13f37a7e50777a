import { maxSync, type NetworkFrame } from '@souk/contracts';
import { fromHex, isForkMark, nodeProblem, sameBytes, SoukError, type Head, type HeadTree, type KeyPlaces, type LogStore } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';

const digits = [...'0123456789abcdef'];
const digestBytes = 32;
/** Most nodes that one comparison asks for, and most logs that are looked at closely because the other side lacks records of them. */
const maxNodes = 50_000;
const maxBehind = 16;

/** What comparing needs. */
export interface Comparison {
  readonly logs: Pick<LogStore, 'read' | 'fork'>;
  readonly ours: HeadTree;
  /** The logs to look at; all unless given. */
  readonly only?: KeyPlaces | undefined;
  readonly channel: Channel<NetworkFrame>;
  readonly step: StepOptions;
}

/** How another peer's tree and ours differ: whether all that it has is held here, and the first records that it lacks of some logs. */
export interface Compared {
  readonly isCovered: boolean;
  readonly behind: readonly Pick<Head, 'key' | 'seq'>[];
}

/** Compares the tree of a root that a super-peer signed with ours, descending only where they differ, and to the logs that are to be looked at. Throws BAD_FRAME for nodes that are not that root's, and what the channel throws. */
export async function compareTrees(root: string, { logs, ours, only, channel, step }: Comparison): Promise<Compared> {
  const behind: Pick<Head, 'key' | 'seq'>[] = [];
  const unseen = ours.root === root ? [] : [{ at: '', digest: fromHex(root) }];
  let [isCovered, asked] = [true, 0];
  while (unseen.length > 0) {
    const some = unseen.splice(-maxSync.nodes);
    asked += some.length;
    if (asked > maxNodes) return { isCovered: false, behind };
    await channel.send({ t: 'tree?', root, at: some.map((one) => one.at) }, step);
    const { nodes } = await channel.expect('tree', step);
    for (const [index, { at, digest }] of some.entries()) {
      const node = nodes[index];
      const problem = node === undefined ? 'is missing' : nodeProblem(node, at, digest);
      if (node === undefined || problem !== undefined) throw new SoukError('BAD_FRAME', `The super-peer told a node of what it signed that ${problem}.`);
      if ('heads' in node) {
        for (const head of node.heads) if (only?.has(head.key) ?? true) isCovered &&= await isHeld(head, ours, logs);
        behind.push(...behindIn(node.heads, headsUnder(ours, at)).slice(0, maxBehind - behind.length));
        continue;
      }
      for (const [place, digit] of digits.entries()) {
        const child = node.digests.subarray(place * digestBytes, (place + 1) * digestBytes);
        const own = ours.digestAt(at + digit);
        if (sameBytes(child, own) || only?.isUnder(at + digit) === false) continue;
        if (child.some((byte) => byte !== 0)) unseen.push({ at: at + digit, digest: child });
        else behind.push(...behindIn([], headsUnder(ours, at + digit)).slice(0, maxBehind - behind.length));
      }
    }
  }
  return { isCovered, behind };
}

/** Heads of ours below a prefix: those of one leaf are enough. */
function headsUnder(ours: HeadTree, prefix: string): readonly Head[] {
  for (let at = prefix; ; ) {
    const node = ours.nodeAt(at);
    if ('heads' in node) return node.heads;
    const place = digits.findIndex((_, one) => node.digests.subarray(one * digestBytes, (one + 1) * digestBytes).some((byte) => byte !== 0));
    if (place < 0) return [];
    at += digits[place] as string;
  }
}

function behindIn(theirs: readonly Head[], ours: readonly Head[]): Pick<Head, 'key' | 'seq'>[] {
  const known = new Map(theirs.map((head) => [head.key, head]));
  return ours.flatMap((head) => {
    const other = known.get(head.key);
    if (isForkMark(head) || (other && (isForkMark(other) || other.seq >= head.seq))) return [];
    return [{ key: head.key, seq: other ? other.seq + 1 : 0 }];
  });
}

/** Whether a head of theirs, and with it all records before it, is held here. */
async function isHeld(head: Head, ours: HeadTree, logs: Comparison['logs']): Promise<boolean> {
  const held = ours.head(head.key);
  if (!held) return false;
  if (isForkMark(held)) return true;
  if (isForkMark(head)) return (await logs.fork(head.key)) !== undefined;
  if (held.seq < head.seq) return false;
  const [stored] = held.seq === head.seq ? [] : await logs.read(head.key, head.seq, 1);
  return sameBytes(stored?.record.hash ?? held.hash, head.hash);
}
