import { routes, type TokenDoc } from '@souk/contracts';
import { Scope, SoukError, TokenId } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { secondsIn } from '../duration.ts';
import { facts, table } from '../output/table.ts';

interface TokenOptions {
  readonly scope?: string;
  readonly name?: string;
  readonly expires?: string;
}

/** `souk token [list|create ACCOUNT|revoke [ID]]`: tokens of a site; revoke without an ID ends the one that is used. A token's secret is shown once, when it is made. */
export const token: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', 'list (default), create or revoke', 'list')
      .argument('[what]', 'the account that a token is for, or the id of a token to revoke; the one that you use unless given')
      .option('--scope <scopes>', 'what it may do: read, publish, admin, separated by commas', 'read')
      .option('--name <name>', 'what it is for')
      .option('--expires <time>', 'how long it counts, as in 12h or 30d; until it is revoked unless given')
      .action((verb: string, what: string | undefined, options: TokenOptions) => start((context) => run(context, verb, what, options)));
  },
};

async function run(context: Context, verb: string, what: string | undefined, options: TokenOptions): Promise<void> {
  if (verb === 'list') return list(context);
  if (verb === 'create' && what !== undefined) return create(context, what, options);
  if (verb === 'revoke') return revoke(context, what ?? (await ownToken(context)));
  throw new SoukError('BAD_REQUEST', what === undefined && verb === 'create' ? `souk token ${verb} what?` : `souk token ${verb} is not understood.`, { hint: 'Use list, create ACCOUNT or revoke [ID].' });
}

async function create(context: Context, account: string, { scope = 'read', name = '', expires }: TokenOptions): Promise<void> {
  const scopes = Scope.array().safeParse(scope.split(',').map((one) => one.trim()));
  if (!scopes.success) throw new SoukError('BAD_REQUEST', `"${scope.slice(0, 80)}" are no scopes.`, { hint: 'There are read, publish and admin, separated by commas.' });
  const lasts = expires === undefined ? {} : { expiresInSeconds: secondsIn(expires) };
  const made = await (await context.gateway()).call(routes.postToken, { body: { account, scopes: scopes.data, name, ...lasts } });
  context.out.answer(made, () => `${made.token}\n\n${facts([['id', made.id], ['account', made.account], ['may', made.scopes.join(', ')], ['until', made.expiresAt ?? 'it is revoked']])}`);
  context.out.note('The token is shown this once. Who gets it: souk login');
}

/** The token that this command line uses. Throws BAD_REQUEST for who uses none of an account. */
async function ownToken(context: Context): Promise<string> {
  const { token: id } = await (await context.gateway()).call(routes.getCaller, {});
  if (id !== undefined) return id;
  throw new SoukError('BAD_REQUEST', 'You use no token of an account, so there is none of yours to revoke.', { hint: "Name one: souk token list. The operator's token ends when the site starts with another SOUK_TOKEN." });
}

async function revoke(context: Context, id: string): Promise<void> {
  if (!TokenId.safeParse(id).success) throw new SoukError('BAD_REQUEST', `"${id.slice(0, 80)}" is not the id of a token.`, { hint: 'An id has 16 hexadecimal digits; see souk token list.' });
  const revoked = await (await context.gateway()).call(routes.deleteToken, { params: { id } });
  context.out.answer(revoked, () => `The token ${revoked.id} of ${revoked.account} is revoked for ever\n`);
}

async function list(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.listTokens, {});
  const rows = answer.tokens.map((one) => [one.id, one.account, stateOf(one), one.createdAt, one.expiresAt ?? '', one.name]);
  context.out.answer(answer, () => table(['ID', 'ACCOUNT', 'MAY', 'MADE', 'UNTIL', 'NAME'], rows, context.out.width) || 'There are no tokens. Make one: souk token create ACCOUNT\n');
}

function stateOf(one: TokenDoc): string {
  if (one.revoked) return 'revoked';
  return one.scopes.length === 0 ? 'nothing' : one.scopes.join(',');
}
