import { defineConfig, portSchema, serviceConfig, sitePeersConfig, type ConfigOf } from '@souk/nest';
import { z } from 'zod';

/** What the gateway can be told. Its HTTP port is the site's front door. */
export const gatewayConfig = defineConfig({
  ...serviceConfig,
  ...sitePeersConfig,
  httpHost: { env: 'SOUK_HOST', schema: z.string(), default: '127.0.0.1', help: 'Address that the HTTP API listens on; beyond loopback SOUK_TOKEN is needed.' },
  httpPort: { env: 'SOUK_PORT', schema: portSchema, default: '7685', help: 'Port of the HTTP API; 0 takes any free one.' },
  token: { env: 'SOUK_TOKEN', schema: z.string().regex(/^\S{16,}$/, 'expected at least 16 characters without spaces').optional(), secret: true, help: 'Bearer token that every call must carry.' },
  siteSecret: { env: 'SOUK_SITE_SECRET', schema: z.string().min(16, 'expected at least 16 characters'), secret: true, help: "What the site's services show to the peer for blob bytes." },
  maxBlob: { env: 'SOUK_MAX_BLOB', schema: z.coerce.number('expected a number of bytes').int().min(1024), default: '268435456', help: 'Most bytes of one upload.' },
});
export type GatewayConfig = ConfigOf<typeof gatewayConfig>;
