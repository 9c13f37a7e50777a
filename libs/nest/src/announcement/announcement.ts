import { defaultSite } from '@souk/contracts';
import { toErrorBody } from '@souk/domain';

/** How a site is reached. The invite is a secret. */
export interface SiteAddress {
  /** The HTTP API; the first gateway's where there are several. */
  readonly url: string;
  /** That of every gateway, where there may be several. */
  readonly urls?: readonly string[];
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  readonly invite: string;
}

/** One JSON line for whoever started the site. */
export function addressLine({ url, urls, peerId, multiaddrs, invite }: SiteAddress): string {
  return `${JSON.stringify({ url, ...(urls ? { urls } : {}), peerId, multiaddrs, invite })}\n`;
}

/** One JSON line that says why the site did not start. */
export function failureLine(error: unknown): string {
  return `${JSON.stringify(toErrorBody(error))}\n`;
}

function nextCommands(url: string): string[] {
  const site = url === defaultSite ? '' : ` --site ${url}`;
  const commands = [
    [`souk demo${site}`, 'publish three example templates'],
    [`souk search${site}`, 'see what there is'],
    [`souk publish DIR${site}`, 'publish a folder of your own'],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  return commands.map(([command, what]) => `  ${command.padEnd(width)}   ${what}`);
}

/** What a person wants to know when a site is ready, with three commands to go on. */
export function addressText({ url, urls = [url], peerId, invite }: SiteAddress): string {
  return [
    `Souk is ready at ${urls.join(', ')}`,
    '',
    `  peer    ${peerId}`,
    `  invite  ${invite}`,
    '          whoever has the invite can join this network: keep it like a password',
    '',
    'Next, in another terminal:',
    '',
    ...nextCommands(url),
    '',
    'Ctrl-C stops the site.',
    '',
  ].join('\n');
}
