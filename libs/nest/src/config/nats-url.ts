import { z } from 'zod';

const expected = 'expected nats://HOST:PORT, or several of them separated by commas; user and password have settings of their own';
const defaultPort = 4_222;

/** Servers of a NATS cluster as `nats://a:4222,nats://b:4222`; the port may be left out. */
export const natsUrlSchema = z.string().transform((text, context) => {
  const servers = text.split(',').map((one) => parse(one.trim()));
  if (!servers.includes(undefined)) return servers.filter((server) => server !== undefined);
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
});

function parse(text: string): { readonly host: string; readonly port: number } | undefined {
  const url = URL.parse(text);
  if (url?.protocol !== 'nats:' || url.hostname === '' || url.username !== '' || url.password !== '' || url.port === '0') return undefined;
  if (url.search !== '' || url.hash !== '' || !['', '/'].includes(url.pathname)) return undefined;
  return { host: url.hostname.replaceAll(/[[\]]/g, ''), port: url.port === '' ? defaultPort : Number(url.port) };
}
