import { gatewayConfig } from '@souk/gateway/config';
import { installConfig } from '@souk/install/config';
import { announceConfig, type Config } from '@souk/nest';
import { peerConfig } from '@souk/peer/config';
import { reputationConfig } from '@souk/reputation/config';
import { searchConfig } from '@souk/search/config';

/** What each container of the chart may be told; that of a super-peer is a site in one process. */
export const declared: Readonly<Record<string, readonly Config[]>> = {
  peer: [peerConfig],
  search: [searchConfig],
  install: [installConfig],
  reputation: [reputationConfig],
  gateway: [gatewayConfig],
  'super-peer': [peerConfig, searchConfig, installConfig, reputationConfig, gatewayConfig, announceConfig],
};

/** Variables that the chart decides about by values of their own, or that make no sense in it. */
const decided = new Set(
  [
    ['ANNOUNCE', 'BOOTSTRAP', 'CHARTER', 'COPIES', 'DATA', 'FOLLOW', 'FOLLOW_LIST', 'HOST', 'HTTP_HOST', 'HTTP_PORT', 'LOG_LEVEL', 'MAX_BLOB', 'NATS_URL', 'NATS_USER'],
    ['NETWORK', 'ORDINAL', 'P2P_ANNOUNCE', 'P2P_HOST', 'P2P_PORT', 'PEERS', 'POD', 'PORT', 'RELAY', 'ROLE', 'SHARED_RANGES', 'SUPERS'],
  ].flat().map((name) => `SOUK_${name}`),
);

/** Settings that the values `peers.settings` and `superPeers.settings` take, by their names, with their help: no secrets, which belong into Secrets, and not OpenTelemetry's, which have values of their own. */
export function freeSettings(container: 'peer' | 'super-peer'): ReadonlyMap<string, string> {
  const isSingle = container === 'super-peer';
  const fields = (declared[container] ?? []).flatMap((config) => Object.values(config)).filter(({ env, secret }) => secret !== true && env.startsWith('SOUK_') && !decided.has(env) && !(isSingle && env === 'SOUK_IDENTITIES'));
  return new Map(fields.map(({ env, help }) => [env, help] as const).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
