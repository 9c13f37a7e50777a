import { maxToldSupers, type NetworkFrame } from '@souk/contracts';
import { SoukError, type SignedCharter } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import type { FreshSigner } from './fresh-signer.ts';

/** The charter as a peer holds it. */
export interface CharterHolder {
  /** Who signs the network's charters; undefined for a peer that was not told: it neither asks for a charter nor takes one. */
  authority(): string | undefined;
  /** What is held, and its version; undefined where there is none. */
  current(): { readonly version: number; readonly signed: SignedCharter } | undefined;
  /** Takes over a charter that a peer told, if it is a newer one of this network; whether it was. Throws BAD_CHARTER, BAD_SIGNATURE, UPGRADE_NEEDED. */
  offer(signed: SignedCharter, from: string): Promise<boolean>;
}

/** Requests that one stream may bring: enough to read a tree of a million logs that differ everywhere. */
const maxRequests = 4096;

/** Levels the charters of two peers: both hold the newer one then. Throws what the channel throws, and what `offer` throws. */
export async function levelCharters(channel: Channel<NetworkFrame>, holder: CharterHolder, peer: string, step: StepOptions): Promise<void> {
  const held = holder.current();
  await channel.send({ t: 'hello', version: held?.version ?? 0 }, step);
  const answer = await channel.receive(step);
  if (answer?.t === 'charter') return void (await holder.offer(answer.charter, peer));
  if (answer?.t !== 'version') throw new SoukError('BAD_FRAME', `The peer answered "${answer?.t ?? 'nothing'}" to a greeting.`);
  if (!held || answer.version >= held.version) return;
  await channel.send({ t: 'charter', charter: held.signed }, step);
  await channel.expect('version', step);
}

/** What a super-peer tells of its kind: where others are, and which zone it is in itself. */
export interface ToldSupers {
  readonly addresses: readonly string[];
  readonly zone?: string | undefined;
}

/** Asks a super-peer where others of its kind are. Throws what the channel throws. */
export async function askForSupers(channel: Channel<NetworkFrame>, step: StepOptions): Promise<ToldSupers> {
  await channel.send({ t: 'supers?' }, step);
  return channel.expect('supers', step);
}

/** What answering needs. */
export interface NetworkServerNeeds {
  readonly charter: CharterHolder | undefined;
  /** Addresses of super-peers that others may be told of. */
  supers(): readonly string[];
  /** The zone that this peer is in, where it was told. */
  readonly zone: string | undefined;
  /** What this super-peer signs to be there; undefined for other roles. */
  readonly signer: FreshSigner | undefined;
}

/** Answers one peer's `/souk/network/1` stream until it ends. Throws what the channel throws, BAD_FRAME, BAD_CHARTER, BAD_SIGNATURE, UPGRADE_NEEDED. */
export async function serveNetwork(channel: Channel<NetworkFrame>, peer: string, needs: NetworkServerNeeds, step: StepOptions): Promise<void> {
  let left = maxRequests;
  for (let frame = await channel.receive(step); frame !== undefined; frame = await channel.receive(step)) {
    if ((left -= 1) < 0) throw new SoukError('BAD_FRAME', 'The peer asks too much on one stream.');
    await channel.send(await answerTo(frame, peer, needs), step);
  }
}

async function answerTo(frame: NetworkFrame, peer: string, { charter, supers, zone, signer }: NetworkServerNeeds): Promise<NetworkFrame> {
  const held = charter?.current();
  switch (frame.t) {
    case 'hello':
      return held && held.version > frame.version ? { t: 'charter', charter: held.signed } : { t: 'version', version: held?.version ?? 0 };
    case 'charter':
      await charter?.offer(frame.charter, peer);
      return { t: 'version', version: charter?.current()?.version ?? 0 };
    case 'supers?':
      return { t: 'supers', addresses: supers().filter((address) => address.length <= 256).slice(0, maxToldSupers), ...(zone === undefined ? {} : { zone }) };
    case 'fresh?':
      return { t: 'fresh', statement: await signerOf(signer).current() };
    case 'tree?':
      return { t: 'tree', nodes: signerOf(signer).nodes(frame.root, frame.at) };
    default:
      throw new SoukError('BAD_FRAME', `The peer sent "${frame.t}", which is an answer, without being asked.`);
  }
}

function signerOf(signer: FreshSigner | undefined): FreshSigner {
  if (signer) return signer;
  throw new SoukError('FORBIDDEN', 'This peer is no super-peer and signs nothing of what there is.');
}
