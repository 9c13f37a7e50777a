import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { AccountBody, BanBody, BindBody, TakedownBody, TokenBody, TokenRevokeBody, UnbanBody, UnbindBody, type SiteKind } from '../record/site-body.ts';
import { roleScopes } from './accounts.ts';
import type { SiteState } from './site-state.ts';
import { tokenIdOf } from './site-token.ts';

const intent = <K extends SiteKind, S extends z.ZodRawShape>(kind: K, body: z.ZodObject<S, z.core.$loose>) => z.object({ kind: z.literal(kind), body: z.object(body.shape) });

/** What somebody who administers the site wants written into the site log. The peer decides, and signs. */
export const SiteIntent = z
  .discriminatedUnion('kind', [
    intent('account', AccountBody),
    intent('token', TokenBody),
    intent('token-revoke', TokenRevokeBody),
    intent('bind', BindBody.omit({ charter: true }).extend({ by: z.literal('policy') })),
    intent('unbind', UnbindBody.omit({ charter: true })),
    intent('ban', BanBody),
    intent('unban', UnbanBody),
    intent('takedown', TakedownBody),
  ])
  .meta({ id: 'SiteIntent' });
export type SiteIntent = z.infer<typeof SiteIntent>;

type IntentOf<K extends SiteKind> = Extract<SiteIntent, { kind: K }>['body'];

function requireToken(state: SiteState, body: IntentOf<'token'>): boolean {
  const account = state.accounts.account(body.account);
  if (!account || account.role === 'none') throw new SoukError('NOT_FOUND', `There is no account ${body.account} at this site.`, { hint: 'Make it first: souk account create ID --role reader|publisher|admin.', details: { account: body.account } });
  const beyond = body.scopes.filter((scope) => !roleScopes[account.role].includes(scope));
  if (beyond.length > 0) throw new SoukError('FORBIDDEN', `The account ${account.id} is a ${account.role}: its tokens can't have the scope ${beyond.join(', ')}.`, { hint: 'Choose fewer scopes, or raise the role of the account.', details: { account: account.id, role: account.role, beyond } });
  if (body.id !== tokenIdOf(body.hash)) throw new SoukError('BAD_REQUEST', 'The id of a token is how its hash begins.');
  const same = state.accounts.token(body.id);
  if (same && same.hash !== body.hash) throw new SoukError('BAD_REQUEST', 'There is a token of that id already.', { hint: 'Make another token.' });
  return same === undefined;
}

function requireRevocation(state: SiteState, { id }: IntentOf<'token-revoke'>): boolean {
  const token = state.accounts.token(id);
  if (!token) throw new SoukError('NOT_FOUND', `There is no token ${id} at this site.`, { hint: 'See souk token list.', details: { id } });
  return !token.revoked;
}

/** Throws FORBIDDEN for what the charter of the network binds. */
function requireFree({ bindings }: SiteState, name: string): void {
  const held = bindings.of(name);
  if (held?.charter === undefined) return;
  throw new SoukError('FORBIDDEN', `${name} belongs to ${held.publisher} by the charter of this network.`, { hint: 'Whoever holds the authority key of the network can change that: souk network amend.', details: { name, publisher: held.publisher, charter: held.charter } });
}

/**
 * Judges an intent by what the site log says so far. False when that says so already: then nothing is written.
 * Throws NOT_FOUND for an account, token, binding or ban that is not there, FORBIDDEN for scopes beyond the account's role and for names that the network's charter binds, BAD_REQUEST.
 */
export function requireIntent(state: SiteState, wanted: SiteIntent, now: number): boolean {
  switch (wanted.kind) {
    case 'account': {
      const held = state.accounts.account(wanted.body.id);
      return held === undefined || held.name !== wanted.body.name || held.role !== wanted.body.role;
    }
    case 'token':
      return requireToken(state, wanted.body);
    case 'token-revoke':
      return requireRevocation(state, wanted.body);
    case 'bind':
      for (const name of wanted.body.names) requireFree(state, name);
      return wanted.body.names.some((name) => state.bindings.get(name)?.publisher !== wanted.body.publisher || state.bindings.get(name)?.by !== 'policy');
    case 'unbind':
      requireFree(state, wanted.body.name);
      if (state.bindings.get(wanted.body.name) === undefined) throw new SoukError('NOT_FOUND', `${wanted.body.name} is bound to nobody at this site.`, { details: { name: wanted.body.name } });
      return true;
    case 'ban':
      if (wanted.body.until !== undefined && wanted.body.until <= now) throw new SoukError('BAD_REQUEST', 'The ban would be over already.', { hint: 'Choose a time that is to come.' });
      return true;
    case 'unban':
      if (state.bans.of(wanted.body.subject, now) === undefined) throw new SoukError('NOT_FOUND', `The ${wanted.body.subject.type} ${wanted.body.subject.id} is not banned.`, { hint: 'See souk policy list.' });
      return true;
    case 'takedown':
      return true;
  }
}

