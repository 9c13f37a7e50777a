import type { Gateway } from './gateway/gateway.ts';
import { homeOf, type Home } from './home/home.ts';
import type { Host } from './host.ts';
import type { CommandTrace } from './trace/command-trace.ts';
import { outputOf, type Output } from './output/output.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly site?: string;
  readonly token?: string;
}

/** What a command works with. */
export interface Context {
  readonly host: Host;
  readonly out: Output;
  readonly home: Home;
  /** The client of the site that was named, or of the default one; the same one at every call. */
  gateway(): Promise<Gateway>;
  /** Ends connections. */
  close(): void;
}

/** The context of one command; its requests are part of `trace`. */
export function contextOf(host: Host, options: GlobalOptions, trace: CommandTrace): Context {
  const home = homeOf(host);
  let gateway: Promise<Gateway> | undefined;
  let opened: Gateway | undefined;
  const open = async (): Promise<Gateway> => {
    const { openGateway } = await import('./gateway/open-gateway.ts');
    return (opened = await openGateway(host, home, options, trace));
  };
  return { host, home, out: outputOf(host, options.json === true), gateway: () => (gateway ??= open()), close: () => opened?.close() };
}
