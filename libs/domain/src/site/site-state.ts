import { readFact } from '../record/body.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import { Accounts } from './accounts.ts';
import { Bans } from './bans.ts';
import { NameBindings } from './name-bindings.ts';
import { Takedowns } from './takedowns.ts';

/**
 * What a site log says, folded record by record in the log's own order. Pure: equal records make equal states, however they come in
 * pages. Kinds of newer versions and erased bodies are skipped.
 */
export class SiteState {
  readonly accounts = new Accounts();
  readonly bindings = new NameBindings();
  readonly bans = new Bans();
  readonly takedowns = new Takedowns();

  /** Takes the next record of the site log, which `SiteChain` or the store has checked. Throws BAD_RECORD for a body that does not fit its kind. */
  take(record: VerifiedRecord): void {
    const fact = readFact(record);
    const { at } = record.fields;
    if (fact?.kind === 'account') this.accounts.takeAccount(fact.body);
    else if (fact?.kind === 'token') this.accounts.takeToken(fact.body, at);
    else if (fact?.kind === 'token-revoke') this.accounts.takeRevocation(fact.body);
    else if (fact?.kind === 'bind') this.bindings.takeBind(fact.body);
    else if (fact?.kind === 'unbind') this.bindings.takeUnbind(fact.body);
    else if (fact?.kind === 'ban') this.bans.takeBan(fact.body);
    else if (fact?.kind === 'unban') this.bans.takeUnban(fact.body);
    else if (fact?.kind === 'takedown') this.takedowns.take(fact.body, at);
  }
}

/** The state that records of a site log make, in their order. */
export function foldSite(records: Iterable<VerifiedRecord>): SiteState {
  const state = new SiteState();
  for (const record of records) state.take(record);
  return state;
}
