import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { maxQueried, parseInvite, Zone } from '@souk/contracts';
import { Bindable, isSoukError, KeyId, parseCharter } from '@souk/domain';
import { defineConfig, portSchema, serviceConfig, type ConfigOf } from '@souk/nest';
import { z } from 'zod';
import { siteConfig } from './replication/site-config.ts';
import { retentionConfig } from './retention/retention-config.ts';

const listSchema = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()).filter((one) => one !== ''))
  .pipe(z.array(z.string().regex(/^\/((ip4|ip6|dns|dns4|dns6)\/.+\/tcp\/\d+|dnsaddr\/.+)/, 'expected multiaddrs such as /ip4/10.0.0.1/tcp/7686, separated by commas')));

/** Multiaddrs, each for one of several pods where that pod's name and an @ stand before it. */
const announceSchema = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()).filter((one) => one !== ''))
  .pipe(z.array(z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?@)?\/(ip4|ip6|dns|dns4|dns6)\/.+\/tcp\/\d+/, 'expected multiaddrs such as /dns4/souk.example.org/tcp/7686 or souk-peer-0@/dns4/..., separated by commas')));

const inviteSchema = z.string().transform((text, context) => {
  try {
    return parseInvite(text.trim());
  } catch (error) {
    context.addIssue({ code: 'custom', message: isSoukError(error) ? `${error.message} ${error.hint ?? ''}` : 'expected an invite' });
    return z.NEVER;
  }
});

const serversSchema = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()))
  .pipe(z.array(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[0-9.]+)(:\d{1,5})?$/, 'expected IP addresses of name servers, such as 10.0.0.10 or 10.0.0.10:53, separated by commas')));

const charterSchema = z.string().transform((file, context) => {
  try {
    return parseCharter(readFileSync(file, 'utf8'));
  } catch (error) {
    context.addIssue({ code: 'custom', message: isSoukError(error) ? error.message : `the file can not be read: ${file}` });
    return z.NEVER;
  }
});

const rangesSchema = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()).filter((one) => one !== ''))
  .pipe(z.array(z.union([z.cidrv4(), z.cidrv6()], 'expected ranges such as 10.0.0.0/8, separated by commas')));

const rateSchema = z.coerce.number('expected a number of bytes').int().min(262_144, 'expected at least 262144: slower peers are taken for dead');

const followSchema = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()).filter((one) => one !== ''))
  .pipe(z.array(z.union([KeyId, Bindable], 'expected publishers (z6Mk...), scopes such as @team/* and package names, separated by commas')).max(maxQueried.listed));

const perDay = z.coerce.number('expected a number').int().min(1000, 'expected at least 1000, or large logs never fit');

/** What the peer can be told. */
export const peerConfig = defineConfig({
  ...serviceConfig,
  ...retentionConfig,
  ...siteConfig,
  dataDir: { env: 'SOUK_DATA', schema: z.string().min(1), default: join(homedir(), '.souk', 'site'), help: 'Folder of logs, blobs and keys.' },
  p2pHost: { env: 'SOUK_P2P_HOST', schema: z.union([z.ipv4(), z.ipv6()], 'expected an IP address'), default: '0.0.0.0', help: 'Address on which other peers are answered; they need the network key.' },
  patience: { env: 'SOUK_P2P_PATIENCE', schema: z.coerce.number('expected a number').min(1, 'expected at least 1').max(100, 'expected at most 100'), default: '1', help: 'How many times as long as usual other peers are waited for: more on slow lines and slow machines.' },
  p2pPort: { env: 'SOUK_P2P_PORT', schema: portSchema.optional(), help: 'Port on which other peers are answered; 0 takes any free one. Unset: the port of the last start if it is free, else any.' },
  announce: { env: 'SOUK_P2P_ANNOUNCE', schema: announceSchema.optional(), help: 'Multiaddrs to tell other peers instead of those listened on, separated by commas. POD@ before one means the pod of that name only.' },
  pod: { env: 'SOUK_POD', schema: z.string().min(1).optional(), help: 'Name of the pod that this peer runs in, where several share SOUK_P2P_ANNOUNCE.' },
  join: { env: 'SOUK_JOIN', schema: inviteSchema.optional(), secret: true, help: 'Invite of the network to join; needed at the first start only.' },
  network: { env: 'SOUK_NETWORK', schema: z.enum(['private', 'open'], 'expected private or open').optional(), help: 'Kind of network: private has a key, open has none. Unset: as the data folder is; private for a new one.' },
  bootstrap: { env: 'SOUK_BOOTSTRAP', schema: listSchema.optional(), help: 'Multiaddrs of peers to join beside those of the invite, separated by commas. /dns4/NAME/tcp/PORT stands for all addresses of NAME, /dnsaddr/NAME for what its TXT records list.' },
  charter: { env: 'SOUK_CHARTER', schema: charterSchema.optional(), help: "File with the network's charter, as souk network create writes it; the newest charter that other peers know counts." },
  relay: { env: 'SOUK_RELAY', schema: z.enum(['use', 'off'], 'expected use or off'), default: 'off', help: 'use: nobody can dial this peer, as behind NAT, so it is reached through the relays of the super-peers that it is linked to.' },
  relayPeers: { env: 'SOUK_RELAY_PEERS', schema: z.coerce.number('expected a number').int().min(0).max(4096), default: '256', help: 'Peers that may be reached through the relay of this super-peer at once; 0: it does not relay.' },
  relayBytes: { env: 'SOUK_RELAY_BYTES', schema: z.coerce.number('expected a number of bytes').int().min(1024), default: '268435456', help: 'Most bytes that one relayed connection carries each way.' },
  relaySeconds: { env: 'SOUK_RELAY_SECONDS', schema: z.coerce.number('expected a number').int().min(10).max(86_400), default: '3600', help: 'How long one relayed connection lasts, in seconds.' },
  staleHours: { env: 'SOUK_STALE_HOURS', schema: z.coerce.number('expected a number').min(1).max(8760), default: '24', help: "For how long it counts what the charter's super-peers signed to be there; afterwards what is held here is shown as stale." },
  mdns: { env: 'SOUK_MDNS', schema: z.enum(['on', 'off'], 'expected on or off'), default: 'off', help: 'Whether peers of the same network are sought in the local network by multicast DNS, and told of this one. souk up turns it on.' },
  dnsServers: { env: 'SOUK_DNS_SERVERS', schema: serversSchema.optional(), help: 'Name servers that are asked for peers (/dns*/... and /dnsaddr/... addresses), separated by commas. Unset: those of the system.' },
  dnsSeconds: { env: 'SOUK_DNS_SECONDS', schema: z.coerce.number('expected a number').min(0.1).max(86_400), default: '30', help: 'How often DNS is asked again where peers are, in seconds.' },
  role: { env: 'SOUK_ROLE', schema: z.enum(['leaf', 'full', 'super'], 'expected leaf, full or super'), default: 'full', help: 'What this peer is in its network: a leaf needs super-peers and keeps least, a full peer needs nobody, a super-peer keeps the index of who serves what.' },
  identities: { env: 'SOUK_IDENTITIES', schema: z.coerce.number('expected a number').int().min(1).max(4000, 'expected at most 4000: each has a port and links of its own'), default: '1', help: 'Identities over the one store of a leaf, each with a key, links and a lease of its own. Several are for hosting many leaves in one process.' },
  zone: { env: 'SOUK_ZONE', schema: Zone.optional(), help: 'Zone that this peer is in, such as eu-west-1a: what may fail together. Links to super-peers are of different zones; blobs come from the same one where they can.' },
  supers: { env: 'SOUK_SUPERS', schema: listSchema.optional(), help: "Multiaddrs of the network's super-peers, separated by commas. Unset: none, and for a leaf the peers that it joins. Where the network has a charter, only those that it names count." },
  mirror: { env: 'SOUK_MIRROR', schema: z.enum(['on', 'off'], 'expected on or off'), default: 'off', help: 'on: this super-peer has every blob that is published in the network, so that it is named for each; beyond 100,000 blobs it would be for the newest only. Of peers that are no super-peers nobody believes it.' },
  follow: { env: 'SOUK_FOLLOW', schema: z.enum(['all', 'list'], 'expected all or list'), default: 'all', help: 'Which logs this peer keeps. list: a leaf keeps its own and those that SOUK_FOLLOW_LIST means, and asks super-peers for everything else.' },
  followed: { env: 'SOUK_FOLLOW_LIST', schema: followSchema.optional(), help: 'What a peer with SOUK_FOLLOW=list follows, separated by commas: publishers (z6Mk...), scopes (@team/*) and package names. What was followed once stays so.' },
  sharedRanges: { env: 'SOUK_SHARED_RANGES', schema: rangesSchema.optional(), help: 'Ranges (CIDR) where many peers may come from one address, separated by commas: pods, hosts, offices. Elsewhere more than ten from one address are not listened to. Unset: loopback and private ranges.' },
  maxBlob: { env: 'SOUK_MAX_BLOB', schema: z.coerce.number('expected a number of bytes').int().min(1024), default: '268435456', help: 'Most bytes of one blob.' },
  uploadRate: { env: 'SOUK_UPLOAD_RATE', schema: rateSchema.optional(), help: 'Bytes per second that blobs may be served with, all together. Unset: no bound.' },
  downloadRate: { env: 'SOUK_DOWNLOAD_RATE', schema: rateSchema.optional(), help: 'Bytes per second that blobs may be fetched with, all together. Unset: no bound.' },
  introducedLogs: { env: 'SOUK_INTRODUCED_LOGS', schema: perDay, default: '200000', help: 'New logs that one other peer may introduce here in a day; more of them wait.' },
  introducedNames: { env: 'SOUK_INTRODUCED_NAMES', schema: perDay, default: '200000', help: 'New package names that one other peer may introduce here in a day.' },
  introducedBytes: { env: 'SOUK_INTRODUCED_BYTES', schema: perDay, default: '2147483648', help: 'Bytes of records that one other peer may introduce here in a day.' },
  siteSecret: { env: 'SOUK_SITE_SECRET', schema: z.string().min(16, 'expected at least 16 characters'), secret: true, help: "What the site's services show to the peer for blob bytes." },
});
export type PeerConfig = ConfigOf<typeof peerConfig>;
