import { Body, Controller, Param, Req, Res } from '@nestjs/common';
import { routes, type AccountAnswer, type AccountDoc, type AccountInput, type Caller, type NewToken, type TokenDoc, type TokenInput } from '@souk/contracts';
import { SoukError, type SiteState } from '@souk/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Serves } from '../serves.ts';
import { Access, requireScope } from './access.ts';
import { callerOf } from './access.guard.ts';
import { newToken, tokenDoc, withSecret } from './new-token.ts';
import { SiteFollower } from './site-follower.ts';
import { SiteWriter } from './site-writer.ts';

/** Accounts and tokens of the site. */
@Controller()
export class AccountsController {
  constructor(
    private readonly site: SiteFollower,
    private readonly writer: SiteWriter,
    private readonly access: Access,
  ) {}

  @Serves(routes.getCaller)
  caller(@Req() request: FastifyRequest): Caller {
    return callerOf(request);
  }

  @Serves(routes.listAccounts)
  async accounts(): Promise<{ accounts: AccountDoc[] }> {
    return { accounts: [...(await this.site.fresh()).accounts.accounts()] };
  }

  @Serves(routes.putAccount)
  async putAccount(@Param({ schema: routes.putAccount.params }) { id }: { id: string }, @Body({ schema: routes.putAccount.body }) { name, role }: AccountInput, @Res({ passthrough: true }) reply: FastifyReply): Promise<AccountAnswer> {
    const before = await this.site.fresh();
    const closes = this.access.isOpen(before);
    if (closes && role !== 'admin') throw new SoukError('BAD_REQUEST', 'The first account of a site must be an admin: from then on everybody needs a token.', { hint: `Make an admin first: souk account create ID --role admin.` });
    const held = before.accounts.account(id);
    const account: AccountDoc = { id, name: name ?? held?.name ?? id, role };
    const { added } = await this.writer.write({ kind: 'account', body: account });
    if (held === undefined && added) reply.status(201);
    return closes ? { ...account, token: await this.#make({ account: id, scopes: ['read', 'publish', 'admin'], name: 'first token' }) } : account;
  }

  @Serves(routes.listTokens)
  async tokens(): Promise<{ tokens: TokenDoc[] }> {
    const { accounts } = await this.site.fresh();
    return { tokens: accounts.tokens().map((token) => tokenDoc(token, accounts, Date.now())) };
  }

  @Serves(routes.postToken)
  async postToken(@Body({ schema: routes.postToken.body }) input: TokenInput, @Res({ passthrough: true }) reply: FastifyReply): Promise<NewToken> {
    const made = await this.#make(input);
    // No cache on the way may keep what is shown once.
    reply.status(201).header('cache-control', 'no-store');
    return made;
  }

  @Serves(routes.deleteToken)
  async deleteToken(@Param({ schema: routes.deleteToken.params }) { id }: { id: string }, @Req() request: FastifyRequest): Promise<TokenDoc> {
    const caller = callerOf(request);
    // Who holds a token that leaked must be able to end it, whatever it may do.
    if (caller.token !== id) requireScope(caller, 'admin');
    const { state } = await this.writer.write({ kind: 'token-revoke', body: { id } });
    return docOf(state, id);
  }

  async #make(input: TokenInput): Promise<NewToken> {
    const { intent, secret } = newToken(input, Date.now());
    const { state } = await this.writer.write(intent);
    return withSecret(docOf(state, intent.body.id), secret);
  }
}

function docOf({ accounts }: SiteState, id: string): TokenDoc {
  const token = accounts.token(id);
  if (!token) throw new Error('a token that was written is not in the site log');
  return tokenDoc(token, accounts, Date.now());
}
