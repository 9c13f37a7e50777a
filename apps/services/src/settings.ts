import { randomBytes } from 'node:crypto';
import { serviceNames, type ServiceName } from '@souk/contracts';
import { gatewayConfig, type GatewayConfig } from '@souk/gateway/config';
import { installConfig } from '@souk/install/config';
import { loadConfigs, type Config, type Environment } from '@souk/nest';
import { peerConfig } from '@souk/peer/config';
import { reputationConfig } from '@souk/reputation/config';
import { searchConfig } from '@souk/search/config';
import { passwordConfig, refusedConfig, servicesConfig } from './config.ts';
import { peerPlaces } from './peer-places.ts';

const serviceConfigs = { peer: peerConfig, search: searchConfig, install: installConfig, reputation: reputationConfig, gateway: gatewayConfig } as const satisfies Record<ServiceName, Config>;

/** What the services of a site are started with. */
export interface ServicesSettings {
  /** The program that is NATS, when there is no server yet. */
  readonly natsServer: string;
  /** Servers that are there already, as SOUK_NATS_URL names them. */
  readonly natsUrl?: string;
  /** The password of each service at NATS. */
  readonly passwords: Readonly<Record<ServiceName, string>>;
  readonly gateway: GatewayConfig;
  /** What each peer gets beside what all of them get, the primary first. */
  readonly peers: readonly Readonly<Record<string, string>>[];
  /** What each service gets as its environment, but for how it reaches NATS and on which port it answers. */
  readonly environments: Readonly<Record<ServiceName, Readonly<Record<string, string>>>>;
}

const secret = (): string => randomBytes(32).toString('base64url');

/**
 * Reads the settings of all services, and of what starts them, from one environment. What nobody gave is made up: the site's secret,
 * passwords. Throws BAD_CONFIG that names every problem of all of them at once. `peers`: how many the site has, unless SOUK_PEERS is to say so.
 */
export function loadServicesSettings(env: Environment, peers?: number): ServicesSettings {
  const given = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));
  const natsUrl = given['SOUK_NATS_URL'];
  const all = { SOUK_SITE_SECRET: secret(), ...given, ...(peers === undefined ? {} : { SOUK_PEERS: String(peers) }), SOUK_ORDINAL: '0' };
  const configs = { services: servicesConfig, refused: refusedConfig, passwords: passwordConfig(natsUrl !== undefined), ...serviceConfigs };
  const { services, passwords, gateway, peer } = loadConfigs(configs, all);
  return {
    natsServer: services.natsServer,
    ...(natsUrl === undefined ? {} : { natsUrl }),
    passwords: forEach((name) => passwords[name] ?? secret()),
    gateway,
    peers: peerPlaces(peer, peer.peers, given),
    environments: forEach((name) => ownPart(serviceConfigs[name], all)),
  };
}

const forEach = <T>(value: (name: ServiceName) => T): Record<ServiceName, T> => Object.fromEntries(serviceNames.map((name) => [name, value(name)])) as Record<ServiceName, T>;

/** What a service's settings name, and what is not Souk's: no service sees a secret that is another one's. */
function ownPart(config: Config, env: Readonly<Record<string, string>>): Record<string, string> {
  const names = new Set(Object.values(config).map((field) => field.env));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SOUK_') || names.has(name)));
}
