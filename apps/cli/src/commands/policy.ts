import { routes } from '@souk/contracts';
import { BanSubject, Bindable, Cid, KeyId, SoukError, Version, type PackageName } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { secondsIn } from '../duration.ts';
import { facts, table } from '../output/table.ts';

interface PolicyOptions {
  readonly for?: string;
  readonly reason?: string;
}

const verbs = 'list, bind NAME PUBLISHER, unbind NAME, ban TYPE ID, unban TYPE ID or takedown WHAT';

/** `souk policy`: what a site decides: to whom names belong, who is shut out, what is taken down. */
export const policy: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', verbs, 'list')
      .argument('[what]', 'a name or @scope/*; peer, publisher or key; NAME@VERSION, a cid, or KEY/SEQ of a record')
      .argument('[whom]', 'a publisher to bind to; the id to ban')
      .option('--for <time>', 'how long a ban lasts, as in 12h or 30d; until it is lifted unless given')
      .option('--reason <text>', 'why; it is shown to whoever is refused', '')
      .action((verb: string, what: string | undefined, whom: string | undefined, options: PolicyOptions) => start((context) => run(context, verb, [what, whom], options)));
  },
};

async function run(context: Context, verb: string, [what = '', whom = '']: readonly (string | undefined)[], options: PolicyOptions): Promise<void> {
  if (verb === 'list') return list(context);
  if (verb === 'bind') return bind(context, what, whom);
  if (verb === 'unbind') return unbind(context, what);
  if (verb === 'ban') return ban(context, subjectOf(what, whom), options);
  if (verb === 'unban') return unban(context, subjectOf(what, whom));
  if (verb === 'takedown') return takedown(context, what, options);
  throw new SoukError('BAD_REQUEST', `souk policy ${verb} is not understood.`, { hint: `Use ${verbs}.` });
}

function bindable(name: string): PackageName {
  const parsed = Bindable.safeParse(name);
  if (!parsed.success) throw new SoukError('BAD_REQUEST', `"${name.slice(0, 80)}" is neither a name nor a scope.`, { hint: 'Give a name, or all of a scope as in @team/*.' });
  return parsed.data as PackageName;
}

async function bind(context: Context, what: string, whom: string): Promise<void> {
  const name = bindable(what);
  const publisher = KeyId.safeParse(whom);
  if (!publisher.success) throw new SoukError('BAD_REQUEST', 'A name is bound to a publisher.', { hint: `Give its id, which souk info shows: souk policy bind ${name} z6Mk...` });
  const bound = await (await context.gateway()).call(routes.putBinding, { params: { name }, body: { publisher: publisher.data } });
  context.out.answer(bound, () => `${bound.name} belongs to ${bound.publisher} at this site\n`);
}

async function unbind(context: Context, what: string): Promise<void> {
  const was = await (await context.gateway()).call(routes.deleteBinding, { params: { name: bindable(what) } });
  context.out.answer(was, () => `${was.name} is no longer bound to ${was.publisher}\n`);
}

function subjectOf(type: string, id: string): BanSubject {
  const parsed = BanSubject.safeParse({ type, id });
  if (!parsed.success) throw new SoukError('BAD_REQUEST', `"${type.slice(0, 40)} ${id.slice(0, 80)}" can't be banned.`, { hint: 'Name a peer (12D3KooW...), publisher or key (z6Mk...), as in: souk policy ban publisher z6Mk...' });
  return parsed.data;
}

async function ban(context: Context, subject: BanSubject, { for: time, reason = '' }: PolicyOptions): Promise<void> {
  const lasts = time === undefined ? {} : { forSeconds: secondsIn(time) };
  const banned = await (await context.gateway()).call(routes.postBan, { body: { subject, reason, ...lasts } });
  context.out.answer(banned, () => `The ${subject.type} ${subject.id} is banned ${banned.until === undefined ? 'until the ban is lifted' : `until ${banned.until}`}\n`);
}

async function unban(context: Context, subject: BanSubject): Promise<void> {
  const was = await (await context.gateway()).call(routes.deleteBan, { params: subject });
  context.out.answer(was, () => `The ${subject.type} ${subject.id} is let in again\n`);
}

async function takedown(context: Context, what: string, { reason = '' }: PolicyOptions): Promise<void> {
  const taken = await (await context.gateway()).call(routes.postTakedown, { body: { subject: takedownSubject(what), reason } });
  context.out.answer(taken, () => `${what} is taken down: erased here, no longer found, served or taken\n`);
}

type Wanted = { readonly type: 'blob'; readonly cid: string } | { readonly type: 'record'; readonly key: string; readonly seq: number } | { readonly type: 'version'; readonly name: string; readonly version: string };

function takedownSubject(what: string): Wanted {
  if (Cid.safeParse(what).success) return { type: 'blob', cid: what };
  const [key = '', seq = ''] = what.split('/');
  if (KeyId.safeParse(key).success && /^\d{1,15}$/.test(seq)) return { type: 'record', key, seq: Number(seq) };
  const at = what.lastIndexOf('@');
  const [name, version] = [what.slice(0, at), what.slice(at + 1)];
  if (at > 0 && Bindable.safeParse(name).success && Version.safeParse(version).success) return { type: 'version', name, version };
  throw new SoukError('BAD_REQUEST', `"${what.slice(0, 80)}" is nothing that can be taken down.`, { hint: 'Name an exact version (NAME@1.2.3), a cid (bafkrei...) or a record (KEY/SEQ).' });
}

async function list(context: Context): Promise<void> {
  const gateway = await context.gateway();
  const { bindings } = await gateway.call(routes.listBindings, { query: { by: 'policy', limit: 1000 } });
  const { bans } = await gateway.call(routes.listBans, {});
  const { takedowns } = await gateway.call(routes.listTakedowns, {});
  context.out.answer({ bindings, bans, takedowns }, () => {
    const parts = [
      table(['NAME', 'BELONGS TO', 'BY'], bindings.map((one) => [one.name, one.publisher, one.charter === undefined ? 'this site' : `the charter, version ${one.charter}`]), context.out.width),
      table(['BANNED', 'ID', 'UNTIL', 'WHY'], bans.map((one) => [one.subject.type, one.subject.id, one.until ?? '', one.reason]), context.out.width),
      takedowns.map((one) => facts([['taken down', textOf(one.subject)], ['at', one.at], ['why', one.reason]])).join('\n'),
    ].filter((part) => part !== '');
    return parts.join('\n') || 'Nothing was decided: names belong to whom this site saw with them first.\n';
  });
}

function textOf(subject: { readonly type: string; readonly cid?: string; readonly name?: string; readonly version?: string; readonly key?: string; readonly seq?: number }): string {
  if (subject.type === 'blob') return subject.cid ?? '';
  return subject.type === 'version' ? `${subject.name}@${subject.version}` : `${subject.key}/${subject.seq}`;
}
