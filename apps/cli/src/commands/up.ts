import { defaultSite } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { facts } from '../output/table.ts';
import { shippedPath } from '../shipped-path.ts';
import { dataFolderPath } from '../site/data-folder-path.ts';
import { requireNode } from '../site/require-node.ts';
import { startSite, type SiteReady } from '../site/start-site.ts';

interface UpOptions {
  readonly port?: string;
  readonly data?: string;
  readonly p2pPort?: string;
  readonly join?: string;
}

/** `souk up`: runs a site in the foreground until it is told to stop. */
export const up: CommandDefinition = {
  define(command, start) {
    command
      .option('--port <n>', 'port of the HTTP API; 0 is any (default 7685)')
      .option('--data <folder>', 'where the site keeps its data (default SOUK_HOME/site)')
      .option('--p2p-port <n>', 'port for other peers; 0 is any')
      .option('--join <invite>', 'join a network: the line that souk network invite prints there')
      .action((options: UpOptions) => start((context) => runSite(context, options)));
  },
};

/** A port as the site takes it. Throws BAD_REQUEST. */
function portFrom(option: string, text: string): string {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return String(port);
  throw new SoukError('BAD_REQUEST', `${option} is a number from 0 to 65535, not "${text.slice(0, 40)}".`);
}

/** On a computer that people use, colleagues nearby are found by themselves; inside a cluster there is nobody nearby, and multicast seldom arrives. */
function localDiscovery(env: Readonly<Record<string, string | undefined>>): { SOUK_MDNS?: string } {
  return env['SOUK_MDNS'] || env['KUBERNETES_SERVICE_HOST'] ? {} : { SOUK_MDNS: 'on' };
}

async function runSite(context: Context, options: UpOptions): Promise<void> {
  const { host, out } = context;
  requireNode(host.nodeVersion, 'A site needs');
  const entry = await shippedPath(host.packageFolder, 'The site is', { installed: ['dist', 'site.mjs'], workspace: ['..', 'site', 'dist', 'main.js'] });
  const site = await startSite(host, entry, {
    SOUK_DATA: dataFolderPath(context, options.data),
    ...localDiscovery(host.env),
    ...(options.port === undefined ? {} : { SOUK_PORT: portFrom('--port', options.port) }),
    ...(options.p2pPort === undefined ? {} : { SOUK_P2P_PORT: portFrom('--p2p-port', options.p2pPort) }),
    ...(options.join === undefined ? {} : { SOUK_JOIN: options.join }),
  });
  out.answer(site.ready, () => text(site.ready));
  await site.ended;
}

function text(ready: SiteReady): string {
  const site = ready.url === defaultSite ? '' : ` --site ${ready.url}`;
  const next: readonly (readonly [string, string])[] = [
    [`souk demo${site}`, 'publish three example templates'],
    [`souk search${site}`, 'see what there is'],
    ['souk up --join INVITE', 'on another machine: join this network'],
  ];
  return `${facts([
    ['site', ready.url],
    ['peer', ready.peerId],
    ['invite', ready.invite],
  ])}\nNext, in another terminal:\n${facts(next).replace(/^/gm, '  ').trimEnd()}\n\nThe invite is a secret: whoever has it can join. Ctrl-C stops the site.\n`;
}
