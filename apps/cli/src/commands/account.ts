import { routes, type AccountAnswer } from '@souk/contracts';
import { AccountId, AccountRole, SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { keepToken } from '../home/site-tokens.ts';
import { table } from '../output/table.ts';

interface AccountOptions {
  readonly role?: string;
  readonly name?: string;
}

/** `souk account [list|create|change|close] ID`: who may use a site, and what each may do at most. */
export const account: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', 'list (default), create, change or close', 'list')
      .argument('[id]', 'a lower-case word, as in ada or ci')
      .option('--role <role>', 'reader, publisher or admin')
      .option('--name <name>', 'as it is shown')
      .action((verb: string, id: string | undefined, options: AccountOptions) => start((context) => run(context, verb, id, options)));
  },
};

async function run(context: Context, verb: string, id: string | undefined, { role, name }: AccountOptions): Promise<void> {
  if (verb === 'list') return list(context);
  if (!['create', 'change', 'close'].includes(verb)) throw new SoukError('BAD_REQUEST', `souk account ${verb} is not understood.`, { hint: 'Use list, create ID, change ID or close ID.' });
  if (!AccountId.safeParse(id).success || id === undefined) throw new SoukError('BAD_REQUEST', `souk account ${verb} needs the id of an account.`, { hint: 'An id is a lower-case word, as in ada or ci-2.' });
  const wanted = AccountRole.safeParse(verb === 'close' ? 'none' : role);
  if (!wanted.success) throw new SoukError('BAD_REQUEST', `souk account ${verb} needs --role reader, publisher or admin.`, { hint: 'A reader finds and installs, a publisher publishes too, an admin administers the site.' });
  await put(context, id, { role: wanted.data, ...(name === undefined ? {} : { name }) });
}

async function put(context: Context, id: string, body: { readonly role: AccountRole; readonly name?: string }): Promise<void> {
  const gateway = await context.gateway();
  const answer = await gateway.call(routes.putAccount, { params: { id }, body });
  if (answer.token) await keepToken(context.home.tokens, gateway.site, answer.token.token);
  context.out.answer(answer, () => text(answer));
}

function text({ id, role, token }: AccountAnswer): string {
  if (role === 'none') return `The account ${id} is closed; its tokens count no longer.\n`;
  if (!token) return `${id} is a ${role}\n`;
  return `${id} is the first account: from now on this site asks everybody for a token.\nYou are logged in by this one. It is shown this once:\n\n${token.token}\n`;
}

async function list(context: Context): Promise<void> {
  const answer = await (await context.gateway()).call(routes.listAccounts, {});
  const rows = answer.accounts.map((one) => [one.id, one.role === 'none' ? 'closed' : one.role, one.name]);
  context.out.answer(answer, () => table(['ID', 'ROLE', 'NAME'], rows, context.out.width) || 'There are no accounts: everybody on this machine may do everything. Make the first: souk account create ID --role admin\n');
}
