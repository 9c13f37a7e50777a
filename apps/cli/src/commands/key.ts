import { keyId, signerOf, SoukError, type KeyId } from '@souk/domain';
import { openKeyStore } from '@souk/store';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { keyNames } from '../home/identity.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { openOwnLog } from '../home/own-log.ts';
import { addKey, revokeKey, rotateRoot } from '../key/change-keys.ts';
import { joinPublisher } from '../key/join-publisher.ts';
import { facts, table } from '../output/table.ts';

const meanings: Readonly<Record<string, string>> = {
  [keyNames.root]: 'your publisher: names you, delegates devices',
  [keyNames.nextRoot]: 'replaces the root if that is lost; keep a copy elsewhere',
  [keyNames.device]: "this computer's key: signs your releases",
};

const verbs = 'list, show NAME, join PUBLISHER, add KEY --name NAME, revoke KEY [--after SEQ] or rotate';

interface Options {
  readonly name?: string;
  readonly after?: string;
  readonly publisher?: string;
}

/** `souk key [list|show|join|add|revoke|rotate]`: whose keys write for a publisher, on which computers. A secret is never printed. */
export const key: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', verbs, 'list')
      .argument('[key]', 'a name of list for show; a key or publisher (z6Mk...) for the others')
      .option('--name <name>', 'add: what that computer is called')
      .option('--after <seq>', 'revoke: the last record that counts; -1 for none')
      .option('--publisher <publisher>', 'rotate: whose root, when its key is lost')
      .action((verb: string, text: string | undefined, options: Options) => start((context) => act(context, verb, text, options)));
  },
};

async function act(context: Context, verb: string, text: string | undefined, { name, after, publisher }: Options): Promise<void> {
  const named = (what: string): string => {
    if (text === undefined) throw new SoukError('BAD_REQUEST', `Which ${what}?`, { hint: `Use ${verbs}.` });
    return text;
  };
  if (verb === 'list' || verb === 'show') return show(context, verb, text ?? keyNames.root);
  if (verb === 'join') return joinPublisher(context, named('publisher'));
  if (verb === 'add') return addKey(context, named('key'), name ?? 'device');
  if (verb === 'revoke') return revokeKey(context, named('key'), seqOf(after));
  if (verb === 'rotate') return rotateRoot(context, publisher);
  throw new SoukError('BAD_REQUEST', `souk key ${verb} is not understood.`, { hint: `Use ${verbs}.` });
}

function seqOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^(-1|\d{1,15})$/.test(text)) throw new SoukError('BAD_REQUEST', `"${text.slice(0, 40)}" is not a record's number.`, { hint: 'Use -1, 0, 1, 2 ...' });
  return Number(text);
}

interface KeyLine {
  readonly name: string;
  readonly key: KeyId;
  readonly file: string;
  readonly meaning: string;
}

async function keysOf(context: Context): Promise<KeyLine[]> {
  const folder = context.home.keys;
  if ((await onDisk(`Reading ${folder}`, () => ifPresent(() => stat(folder)))) === undefined) return [];
  const keys = await openKeyStore(folder);
  const lines: KeyLine[] = [];
  for (const name of await keys.list()) {
    const seed = await keys.get(name);
    if (seed) lines.push({ name, key: keyId(signerOf(seed).publicKey), file: join(folder, name), meaning: meanings[name] ?? (name.startsWith(keyNames.nextRoot) ? 'a later root of your publisher; keep a copy elsewhere' : '') });
  }
  return lines;
}

async function show(context: Context, verb: string, name: string): Promise<void> {
  const keys = await keysOf(context);
  if (verb === 'list') {
    const none = 'You have no keys yet; the first souk publish makes them.\n';
    return context.out.answer({ keys }, () => table(['NAME', 'KEY', 'MEANING'], keys.map((one) => [one.name, one.key, one.meaning])) || none);
  }
  const found = keys.find((one) => one.name === name);
  if (!found) throw new SoukError('NOT_FOUND', `There is no key "${name}".`, { hint: keys.length === 0 ? 'The first souk publish makes your keys.' : `There are ${keys.map((one) => one.name).join(', ')}.` });
  const log = await openOwnLog(context.home.logs, found.key);
  context.out.answer({ ...found, records: log.length }, () =>
    facts([
      ['name', found.name],
      ['key', found.key],
      ['meaning', found.meaning],
      ['secret', `${found.file} (readable by you only; back it up)`],
      ['records signed', String(log.length)],
    ]),
  );
}
