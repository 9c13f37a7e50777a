import { SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { isSetting, readSettings, settingHelp, writeSetting, type Settings } from '../home/settings.ts';
import { table } from '../output/table.ts';

/** `souk config [list|get NAME|set NAME [VALUE]]`: the settings in SOUK_HOME/config.json. The token is never shown. */
export const config: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', 'list (default), get or set', 'list')
      .argument('[name]', `one of ${Object.keys(settingHelp).join(', ')}`)
      .argument('[value]', 'the new value; left out it is removed')
      .action((verb: string, name?: string, value?: string) => start((context) => change(context, verb, name, value)));
  },
};

function shown(settings: Settings): Record<string, string | number> {
  return { ...settings, ...(settings.token === undefined ? {} : { token: '(set)' }) };
}

async function change(context: Context, verb: string, name: string | undefined, value: string | undefined): Promise<void> {
  const { config: path } = context.home;
  if (verb === 'set' && name !== undefined) {
    const settings = shown(await writeSetting(path, name, value ?? ''));
    return context.out.answer(settings, () => (settings[name] === undefined ? `${name} is no longer set\n` : `${name} = ${settings[name]}\n`));
  }
  const settings = shown(await readSettings(path));
  if (verb === 'get' && name !== undefined) {
    if (!isSetting(name)) throw new SoukError('BAD_REQUEST', `There is no setting "${name}".`, { hint: `There are ${Object.keys(settingHelp).join(', ')}.` });
    return context.out.answer(settings[name] ?? null, () => `${settings[name] ?? ''}\n`);
  }
  if (verb !== 'list') throw new SoukError('BAD_REQUEST', `souk config ${verb} is not understood.`, { hint: 'Use list, get NAME or set NAME VALUE.' });
  const rows = Object.entries(settingHelp).map(([one, help]) => [one, String(settings[one] ?? ''), help]);
  context.out.answer(settings, () => `${path}\n\n${table(['NAME', 'VALUE', 'MEANING'], rows, context.out.width)}`);
}
