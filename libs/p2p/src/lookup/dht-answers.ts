import type { PeerId } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import { blobCid, RateQuota, type ProviderIndex } from '@souk/domain';
import type { CID } from 'multiformats/cid';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { parsePeerId } from '../node/links.ts';

/** Multihash code and length of sha2-256, by which blobs are addressed. */
const sha256Code = 0x12;
const sha256Bytes = 32;
/** Providers of one cid that the DHT is told from the index. */
const mostNamed = 8;

/** Questions of the DHT that the index answers, of everybody together: who asks is not heard here, so that quotas of peers don't bound them. */
const questions = { perSecond: 2000, burst: 4000 } as const;

/** What knows who provides a cid: one place in kad-dht 16.4, asked for its own searches and for those of others. */
interface Providers {
  getProviders(cid: CID, options?: unknown): Promise<PeerId[]>;
}

/** What answering needs. */
export interface DhtAnswersNeeds {
  readonly libp2p: Pick<FullLibp2p, 'peerStore'>;
  /** Leases that are known here; of a super-peer only. */
  readonly index?: ProviderIndex | undefined;
  /** Lets a provider be dialled at its addresses. */
  meet(provider: { readonly peer: string; readonly addresses: readonly string[] }): Promise<void>;
}

/**
 * Has the DHT name whom leases name too, and nobody whose addresses are forgotten: of one such provider kad-dht would break off its answer, and
 * with it hide all others.
 */
export function answerWithLeases(dht: KadDHT, { libp2p, index, meet }: DhtAnswersNeeds): void {
  const { providers } = dht as unknown as { providers: Providers };
  const quota = new RateQuota(questions);
  const announced = providers.getProviders.bind(providers);
  const leased = async ({ multihash: { code, digest } }: CID): Promise<PeerId[]> => {
    if (!index || code !== sha256Code || digest.length !== sha256Bytes || !quota.take('all', 1, Date.now())) return [];
    const found = index.find(blobCid(digest), Date.now(), mostNamed).map(({ lease }) => lease);
    await Promise.all(found.map(meet));
    return found.map(({ peer }) => parsePeerId(peer));
  };
  providers.getProviders = async (cid, options) => {
    const named = new Map([...(await leased(cid)), ...(await announced(cid, options))].map((id) => [id.toString(), id]));
    const isKnown = await Promise.all([...named.values()].map((id) => libp2p.peerStore.has(id)));
    return [...named.values()].filter((_, at) => isKnown[at]);
  };
}
