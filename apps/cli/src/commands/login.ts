import { routes, type Caller } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context, GlobalOptions } from '../context.ts';
import { openGateway } from '../gateway/open-gateway.ts';
import { keepToken } from '../home/site-tokens.ts';
import type { Host } from '../host.ts';

interface LoginOptions extends GlobalOptions {
  readonly forget?: boolean;
}

/** Longest line that is read for a token. */
const maxLine = 4096;

/** `souk login [--forget]`: keeps a token for a site, from --token, SOUK_TOKEN or standard input, once the site has said whose it is. */
export const login: CommandDefinition = {
  define(command, start) {
    command
      .option('--forget', 'forget the token of the site instead')
      .addHelpText('after', '\nThe token is read from --token, SOUK_TOKEN or standard input: souk login < file. It is kept readable by you only.')
      .action(() => start((context) => run(context, command.optsWithGlobals<LoginOptions>())));
  },
};

async function run(context: Context, options: LoginOptions): Promise<void> {
  const { host, home, out } = context;
  if (options.forget) {
    const { site } = await context.gateway();
    await keepToken(home.tokens, site, undefined);
    return out.answer({ site: site.href, forgotten: true }, () => `The token of ${site.href} is forgotten here. It still counts: souk token revoke ends it.\n`);
  }
  const token = (options.token ?? host.env['SOUK_TOKEN']) || (await typedToken(context, host));
  const gateway = await openGateway(host, home, { ...options, token });
  try {
    const caller = await gateway.call(routes.getCaller, {});
    if (caller.as === 'anyone') throw new SoukError('BAD_REQUEST', `${gateway.site.href} has no accounts yet and asks for no token.`, { hint: 'Make the first one, which closes the site: souk account create ID --role admin.' });
    await keepToken(home.tokens, gateway.site, token);
    out.answer({ site: gateway.site.href, ...caller }, () => `Logged in at ${gateway.site.href} ${nameOf(caller)}: ${caller.scopes.join(', ')}\n`);
  } finally {
    gateway.close();
  }
}

const nameOf = (caller: Caller): string => (caller.account === undefined ? 'as its operator' : `as ${caller.account}`);

/** The first line of standard input. */
async function typedToken({ out }: Context, host: Host): Promise<string> {
  if (host.interactive) out.note('Paste the token and press Enter:');
  let text = '';
  for await (const piece of host.stdin ?? []) {
    text += typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8');
    if (text.includes('\n') || text.length > maxLine) break;
  }
  const token = text.split('\n')[0]?.trim() ?? '';
  if (token === '' || token.length > maxLine) throw new SoukError('BAD_REQUEST', 'There was no token on standard input.', { hint: 'Give it by --token, SOUK_TOKEN or standard input: souk login < file.' });
  return token;
}
