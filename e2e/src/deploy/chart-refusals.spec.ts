import { expect, test } from '@jest/globals';
import { refusal, type Release } from './chart/rendered.ts';

const reachable = { 'p2p.external.type': 'NodePort' };
const passwords = (without: string): Record<string, string> => Object.fromEntries(['peer', 'search', 'install', 'reputation', 'gateway', 'cluster'].map((user) => [user, user === without ? '' : `password-of-${user}-x`]));

const refused: readonly (readonly [what: string, release: Release, says: string | RegExp])[] = [
  ['nothing at all was given', { bare: true }, "The operator's token is missing: set gateway.token"],
  ['no token', { values: { 'gateway.token': '' } }, 'or gateway.existingSecret.name to a Secret that holds it.'],
  ['no site’s secret', { values: { 'site.secret': '' } }, "The site's secret is missing: set site.secret"],
  ['no password of one user', { values: { 'nats.auth.passwords': passwords('install') } }, 'Passwords of NATS are missing: set nats.auth.passwords.install, or nats.auth.existingSecret'],
  ['servers of NATS that do not know each other', { values: { 'nats.auth.passwords': passwords('cluster') } }, 'set nats.auth.passwords.cluster'],
  ['several peers that nobody tells their network', { values: { 'peers.replicas': 2, 'network.key': '' } }, 'Several peers need to be told their network: set network.key'],
  ['two words for one network', { values: { 'network.join': 'souk1_x' } }, 'network.key and network.join both say which network to join'],
  ['a key of an open network', { values: { 'network.kind': 'open' } }, 'an open network has none'],
  ['nothing that runs', { values: { 'peers.replicas': 0 } }, 'There is neither a peer nor a super-peer'],
  ['a backbone without super-peers', { profile: 'backbone', values: { ...reachable, 'superPeers.replicas': 0, 'peers.replicas': 1 } }, 'profile is backbone, and there is no super-peer'],
  ['a site that nobody reaches', { profile: 'site', values: { 'superPeers.replicas': 0 } }, 'profile is site, and no other site could reach its peers: set p2p.external.type to NodePort, LoadBalancer or hostPort, or p2p.relay to use.'],
  ['a site whose super-peer nobody reaches', { profile: 'site', values: { 'p2p.relay': 'use' } }, 'no other site could reach its super-peers, for which relays are no help'],
  ['a backbone that nobody reaches', { profile: 'backbone' }, 'profile is backbone, and no other site could reach its super-peers'],
  ['load balancers whose addresses nobody knows', { values: { 'p2p.external.type': 'LoadBalancer' } }, 'set p2p.external.announce'],
  ['addresses at which nothing answers', { values: { 'p2p.external.announce': ['/dns4/a.example/tcp/7686'] } }, 'p2p.external.type is none: nothing would answer there'],
  ['one address of several pods', { values: { 'p2p.external': { type: 'LoadBalancer', announce: ['/dns4/a.example/tcp/7686'] }, 'peers.replicas': 2 } }, '/dns4/a.example/tcp/7686 would be the address of every pod'],
  ['ports that overlap', { profile: 'site', values: { ...reachable, 'p2p.external.nodePort': { peers: 30_000, superPeers: 30_001 } } }, 'the ports of peers and super-peers overlap'],
  ['more copies than peers', { values: { 'peers.copies': 2 } }, 'peers.copies is 2, but the site has 1 peers'],
  ['a full peer that follows a list', { values: { 'network.follow': 'list' } }, 'network.follow is list, which only a leaf can'],
  ['a list that nobody follows', { values: { 'network.followList': ['@team/*'] } }, 'network.follow that all is followed'],
  ['an Ingress without a host', { values: { 'ingress.enabled': true } }, 'ingress.enabled, and no host name'],
  ['an HTTPRoute of no gateway', { values: { 'httpRoute.enabled': true } }, 'httpRoute.enabled, and no gateway that it belongs to'],
  ['a value that there is not', { values: { 'gateway.replica': 2 } }, /gateway[\s\S]*replica/],
  ['a word that there is not', { values: { 'peers.role': 'boss' } }, /role[\s\S]*leaf/],
  ['a short token', { values: { 'gateway.token': 'short' } }, /gateway[./]token/],
  ['a password that NATS would not read', { values: { 'nats.auth.passwords.peer': '1-begins-with-a-digit' } }, /passwords[./]peer/],
  ['a key that is none', { values: { 'network.key': 'xyz' } }, /network[./]key/],
  ['a digest that is none', { values: { 'image.digests.peer': 'latest' } }, /digests[./]peer/],
  ['a setting that no peer has', { values: { 'peers.settings': { SOUK_UPLOAD_RATES: 1 } } }, /SOUK_UPLOAD_RATES/],
  ['a setting that has a value of its own', { values: { 'peers.settings': { SOUK_ROLE: 'super' } } }, /SOUK_ROLE/],
  ['a secret as a plain setting', { values: { 'peers.settings': { SOUK_NETWORK_KEY: '5'.repeat(64) } } }, /SOUK_NETWORK_KEY/],
  ['root', { values: { 'podSecurity.runAsUser': 0 } }, /runAsUser/],
  ['containers without limits', { values: { 'search.resources': { limits: null } } }, /resources/],
];

test.each(refused)('%s: rendering fails and says what to do', (_what, release, says) => {
  expect(refusal(release)).toEqual(typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says));
});
