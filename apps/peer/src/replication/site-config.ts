import { fromHex, SoukError, type SitePlace } from '@souk/domain';
import { defineConfig, sitePeersConfig, type ConfigOf } from '@souk/nest';
import { z } from 'zod';

const whole = z.coerce.number('expected a number').int('expected a whole number');

/** A number, or a name that ends in one, as StatefulSets name their pods. */
const ordinalSchema = z
  .string()
  .regex(/^(?:[a-z][a-z0-9-]*-)?\d{1,9}$/, 'expected a whole number, 0 or more, or a name that ends in one such as souk-peer-2')
  .transform((text) => Number(/\d+$/.exec(text)?.[0]))
  .pipe(z.number().max(63, 'expected at most 63'));

/** What a peer can be told about the other peers of its site. */
export const siteConfig = defineConfig({
  ...sitePeersConfig,
  ordinal: { env: 'SOUK_ORDINAL', schema: ordinalSchema, default: '0', help: 'Which of the peers of the site this is, or the name of its pod, which ends in that (souk-peer-2); 0 is the primary, to which publishers write.' },
  copies: { env: 'SOUK_COPIES', schema: whole.min(1, 'expected 1 or more').optional(), help: 'On how many peers of the site a publish is on disk before it is acknowledged; the same for each of them. Unset: 2 where there are 2.' },
  networkKey: {
    env: 'SOUK_NETWORK_KEY',
    schema: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits, as of openssl rand -hex 32').transform(fromHex).optional(),
    secret: true,
    help: 'Key of the network, the same for all peers of a site; needed at the first start only, and never where SOUK_JOIN is given.',
  },
});

/** The place that settings give a peer. Throws BAD_CONFIG when they contradict each other. */
export function sitePlace({ ordinal, peers, copies = Math.min(2, peers) }: Pick<ConfigOf<typeof siteConfig>, 'ordinal' | 'peers' | 'copies'>): SitePlace {
  if (ordinal >= peers) throw new SoukError('BAD_CONFIG', `SOUK_ORDINAL is ${ordinal}, but the site has ${peers} peer${peers === 1 ? '' : 's'}.`, { hint: 'Ordinals begin at 0: set SOUK_PEERS to how many peers there are, for each service of the site.' });
  if (copies > peers) throw new SoukError('BAD_CONFIG', `SOUK_COPIES is ${copies}, but the site has ${peers} peer${peers === 1 ? '' : 's'}.`, { hint: 'A publish can be on as many disks as there are peers: raise SOUK_PEERS or lower SOUK_COPIES.' });
  return { ordinal, peers, copies };
}
