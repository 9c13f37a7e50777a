import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseInvite } from '@souk/contracts';
import { amended, Bindable, CharterScope, networkIdOf, signCharter, SoukError, type Amendment, type Charter, type CharterLimits } from '@souk/domain';
import type { Context } from '../context.ts';
import { facts } from '../output/table.ts';
import { authority, charterText, heldCharter, keepCharter, keepSecret, openNetworkFolder, type NetworkFolder } from './network-folder.ts';

/** Options of `souk network create` and `amend`. */
export interface CharterOptions {
  readonly dir?: string;
  readonly of?: string;
  readonly super?: readonly string[];
  readonly dropSuper?: readonly string[];
  readonly scope?: readonly string[];
  readonly dropScope?: readonly string[];
  readonly limit?: readonly string[];
}

function scopeIn(text: string): CharterScope {
  const at = text.lastIndexOf('=');
  const parsed = CharterScope.safeParse({ name: text.slice(0, at), publisher: text.slice(at + 1) });
  if (!parsed.success) throw new SoukError('BAD_REQUEST', `"${text.slice(0, 80)}" does not say what belongs to whom.`, { hint: 'Write it as @team/*=z6Mk...; souk info shows the publisher of a package.' });
  return parsed.data;
}

function limitsIn(texts: readonly string[]): CharterLimits {
  return Object.fromEntries(
    texts.map((text) => {
      const [, what, amount] = /^(logs|names|bytes)=([1-9]\d{0,14})$/.exec(text) ?? [];
      if (what === undefined) throw new SoukError('BAD_REQUEST', `"${text.slice(0, 80)}" is not a limit.`, { hint: 'Write it as logs=5000, names=5000 or bytes=1000000000: what one peer may introduce in a day.' });
      return [what, Number(amount)];
    }),
  );
}

function amendmentOf({ super: supers = [], dropSuper = [], scope = [], dropScope = [], limit = [] }: CharterOptions): Amendment {
  const unbindable = dropScope.find((name) => !Bindable.safeParse(name).success);
  if (unbindable !== undefined) throw new SoukError('BAD_REQUEST', `"${unbindable.slice(0, 80)}" is neither a name nor a scope.`, { hint: 'Give a name, or all of a scope as in @team/*.' });
  return { supers, dropSupers: dropSuper, scopes: scope.map(scopeIn), dropScopes: dropScope, limits: limitsIn(limit) };
}

/** Makes a network: its key, the authority key and the first charter, in a folder. With `--of INVITE` the charter is for the network of that invite. */
export async function createNetwork(context: Context, options: CharterOptions): Promise<void> {
  const amendment = amendmentOf(options);
  const folder = await openNetworkFolder(context, options.dir);
  if ((await charterText(folder)) !== undefined) throw new SoukError('BAD_REQUEST', `There is a network in ${folder.path} already.`, { hint: 'Change its charter by souk network amend, or make another one with --dir.', details: { path: folder.path } });
  const key = options.of === undefined ? ((await folder.keys.get('network')) ?? new Uint8Array(randomBytes(32))) : parseInvite(options.of).networkKey;
  if (!key) throw new SoukError('BAD_INVITE', 'That invite is for an open network, which has no charter.');
  await keepSecret(folder, 'network', key);
  await keepSecret(folder, 'authority', (await folder.keys.get('authority')) ?? new Uint8Array(randomBytes(32)));
  const none = { network: networkIdOf(key), version: 0, at: 0, supers: [], scopes: [], limits: {} };
  const charter = signCharter(amended(none, amendment, context.host.now()), await authority(folder));
  await keepCharter(folder, charter.signed);
  told(context, folder, charter);
  context.out.note(`Whoever has ${join(folder.path, 'keys', 'authority')} decides for the network: keep it and a copy of it away from sites. Next: souk network invite --dir ${folder.path}`);
}

/** Signs the next version of a folder's charter. */
export async function amendCharter(context: Context, options: CharterOptions): Promise<void> {
  const amendment = amendmentOf(options);
  const folder = await openNetworkFolder(context, options.dir);
  const charter = signCharter(amended(await heldCharter(folder), amendment, context.host.now()), await authority(folder));
  await keepCharter(folder, charter.signed);
  told(context, folder, charter);
  context.out.note(`Give it to one site of the network, which tells the others: souk network charter ${folder.charterFile}`);
}

function told(context: Context, folder: NetworkFolder, { network, version, authority: key, supers, scopes, limits }: Charter): void {
  const answer = { dir: folder.path, charter: folder.charterFile, network, version, authority: key, supers, scopes, limits };
  context.out.answer(answer, () => charterFacts(answer));
}

/** A charter as people read it. */
export function charterFacts(charter: Pick<Charter, 'network' | 'version' | 'supers' | 'scopes' | 'limits'> & { readonly authority: string; readonly charter?: string }): string {
  return facts([
    ['network', charter.network],
    ['charter', `version ${charter.version}${charter.charter === undefined ? '' : `, ${charter.charter}`}`],
    ['authority', charter.authority],
    ...charter.supers.map((one) => ['super-peer', `${one.peer} at ${one.addresses.join(', ')}`] as const),
    ...charter.scopes.map((one) => ['belongs', `${one.name} to ${one.publisher}`] as const),
    ...Object.entries(charter.limits).map(([what, amount]) => ['a peer may introduce', `${amount} ${what} a day`] as const),
  ]);
}
