import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { routes } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { charterFacts } from './change-charter.ts';

/** Shows the charter that a site holds; with a file, gives it to the site first. */
export async function showCharter(context: Context, file: string | undefined): Promise<void> {
  const gateway = await context.gateway();
  const held = file === undefined ? await gateway.call(routes.getCharter, {}) : await gateway.call(routes.putCharter, { body: { text: await textOf(context, file) } });
  context.out.answer(held, () => charterFacts(held));
}

async function textOf({ host }: Context, file: string): Promise<string> {
  const path = resolve(host.cwd, file);
  const text = await onDisk(`Reading ${path}`, () => ifPresent(() => readFile(path, 'utf8')));
  if (text === undefined) throw new SoukError('NOT_FOUND', `There is no file ${path}.`, { hint: 'souk network create and amend say where they write the charter.' });
  return text;
}
