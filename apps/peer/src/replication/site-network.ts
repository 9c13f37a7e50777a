import { setTimeout as delay } from 'node:timers/promises';
import { makeInvite, parseInvite, type Invite } from '@souk/contracts';
import { SoukError, type SitePlace } from '@souk/domain';
import type { Rpc } from '@souk/nest';
import type { DataFolder } from '@souk/store';
import type { PeerConfig } from '../config.ts';
import { isSilence } from './replica.ts';

/** What finding out needs. */
export interface NetworkNeeds {
  readonly rpc: Rpc;
  readonly place: SitePlace;
  readonly data: Pick<DataFolder, 'keys' | 'logs'>;
  readonly stopping: AbortSignal;
  /** How long siblings are asked, in milliseconds. */
  readonly patienceMs?: number;
}

const askMs = 300;
const defaultPatienceMs = 30_000;

function unknownNetwork(): SoukError {
  return new SoukError('BAD_CONFIG', 'This peer is one of several, and nobody told it the network of their site.', {
    hint: 'Give all peers of the site one key, SOUK_NETWORK_KEY (openssl rand -hex 32), or an invite, SOUK_JOIN; or start a peer first that has its data.',
  });
}

async function askSiblings({ rpc, place }: NetworkNeeds): Promise<Invite | undefined> {
  const siblings = Array.from({ length: place.peers }, (_, ordinal) => ordinal).filter((ordinal) => ordinal !== place.ordinal);
  const answers = await Promise.all(
    siblings.map((ordinal) =>
      rpc.call(makeInvite, {}, { ordinal }).then(
        ({ invite }) => parseInvite(invite),
        (error: unknown) => {
          if (isSilence(error)) return undefined;
          throw error;
        },
      ),
    ),
  );
  return answers.find((one) => one !== undefined);
}

/**
 * The network that a peer is to join, if it is not the only one of its site and its data folder does not say: the one that it was told, else
 * the one of a sibling that answers. A peer of several never founds a network, because it cannot know that its siblings have none.
 * Throws BAD_CONFIG when nobody says which network it is.
 */
export async function siteNetwork(config: Pick<PeerConfig, 'join' | 'networkKey' | 'network'>, needs: NetworkNeeds): Promise<Pick<PeerConfig, 'join' | 'network'>> {
  const { join, networkKey, network } = config;
  if (join && networkKey) throw new SoukError('BAD_CONFIG', 'SOUK_JOIN and SOUK_NETWORK_KEY both say which network to join.', { hint: 'Set one of them.' });
  if (networkKey) return { join: { addresses: [], networkKey }, network };
  const isKnown = join !== undefined || network === 'open' || (await needs.data.keys.get('network')) !== undefined || (await needs.data.logs.size()).records > 0;
  if (needs.place.peers === 1 || isKnown) return { join, network };
  const isOver = AbortSignal.any([needs.stopping, AbortSignal.timeout(needs.patienceMs ?? defaultPatienceMs)]);
  while (!isOver.aborted) {
    const invite = await askSiblings(needs);
    // The addresses are of this site, which brings its records in another way.
    if (invite) return { join: { ...invite, addresses: [] }, network };
    await delay(askMs, undefined, { signal: isOver, ref: false }).catch(() => undefined);
  }
  throw unknownNetwork();
}
