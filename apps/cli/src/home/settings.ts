import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SoukError } from '@souk/domain';
import { makeFolder, writeDurably } from '@souk/store';
import { parseSite } from '../gateway/route-url.ts';
import { ifPresent, onDisk } from './on-disk.ts';

/** What a user can set once instead of giving it with every command. */
export const Settings = z.strictObject({
  /** Address of the site that commands talk to. */
  site: z.string().optional(),
  /** Bearer token of that site; it is sent to no other. */
  token: z.string().min(1).max(4096).optional(),
  /** Seconds that an answer may take. */
  timeout: z.coerce.number().min(0.001).max(3600).optional(),
});
export type Settings = z.infer<typeof Settings>;

/** The names of all settings with their meaning. */
export const settingHelp: Readonly<Record<keyof Settings, string>> = {
  site: 'address of the site that commands talk to',
  token: 'bearer token of that site (never shown)',
  timeout: 'seconds that an answer may take',
};

function bad(path: string, why: string): SoukError {
  return new SoukError('BAD_CONFIG', `The settings in ${path} ${why}.`, { hint: 'Correct the file, or delete it and set them again by souk config set.', details: { path } });
}

/** Checks settings; `where` begins the message. Throws BAD_CONFIG. */
function checked(value: unknown, path: string): Settings {
  const parsed = Settings.safeParse(value);
  if (!parsed.success) throw bad(path, `are wrong: ${parsed.error.issues.map((one) => `${one.path.join('.')} ${one.message}`.trim()).join('; ')}`);
  if (parsed.data.site !== undefined) parseSite(parsed.data.site);
  return parsed.data;
}

/** Reads the settings; none when there is no file. Throws BAD_CONFIG. */
export async function readSettings(path: string): Promise<Settings> {
  const text = await onDisk(`Reading ${path}`, () => ifPresent(() => readFile(path, 'utf8')));
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad(path, 'are not JSON');
  }
  return checked(value, path);
}

/** Whether a text names a setting. */
export function isSetting(name: string): name is keyof Settings {
  return Object.hasOwn(settingHelp, name);
}

/** Sets one setting, or removes it when the value is empty; the file is readable by its owner only. Throws BAD_REQUEST for an unknown name or a wrong value. */
export async function writeSetting(path: string, name: string, value: string): Promise<Settings> {
  if (!isSetting(name)) throw new SoukError('BAD_REQUEST', `There is no setting "${name}".`, { hint: `There are ${Object.keys(settingHelp).join(', ')}.` });
  const { [name]: _before, ...others } = await readSettings(path);
  const parsed = Settings.safeParse(value === '' ? others : { ...others, [name]: value });
  if (!parsed.success) throw new SoukError('BAD_REQUEST', `"${value.slice(0, 80)}" can't be the ${name}: ${parsed.error.issues[0]?.message ?? 'wrong value'}.`);
  if (parsed.data.site !== undefined) parseSite(parsed.data.site);
  await onDisk(`Writing ${path}`, async () => {
    await makeFolder(dirname(path));
    await writeDurably(path, new TextEncoder().encode(`${JSON.stringify(parsed.data, null, 2)}\n`), 'replace');
  });
  return parsed.data;
}
