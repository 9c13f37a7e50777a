import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { count } from '../output/printable.ts';
import { table } from '../output/table.ts';
import { installedState, type InstalledState } from '../project/installed-tree.ts';
import { readLockfile } from '../project/lockfile.ts';
import { placesOf } from '../project/places.ts';
import { openProject } from '../project/project.ts';
import { readSoukJson } from '../project/souk-json.ts';

/** `souk list`: what souk-lock.json pins, and whether its files are as they were signed. */
export const list: CommandDefinition = {
  define(command, start) {
    command.option('--dir <folder>', 'the project', '.').action((options: { dir: string }) => start((context) => show(context, options.dir)));
  },
};

interface Line {
  readonly name: string;
  readonly version: string;
  readonly state: InstalledState;
  /** What souk.json asks for; undefined for what is there because something else requires it. */
  readonly range?: string;
  readonly cid: string;
  readonly publisher: string;
}

async function show(context: Context, dir: string): Promise<void> {
  const places = placesOf(resolve(context.host.cwd, dir));
  const interrupted = await onDisk(`Reading ${places.folder}`, () => ifPresent(() => stat(places.staging)));
  // Opening the project finishes what a crash interrupted; one that is untouched is only read.
  if (interrupted) await (await openProject(context, dir)).close();
  const lock = (await readLockfile(places.folder)) ?? {};
  const { dependencies = {} } = (await readSoukJson(places.folder)) ?? {};
  const lines: Line[] = [];
  for (const [name, { version, cid, publisher, tree }] of Object.entries(lock)) {
    const range = dependencies[name as keyof typeof dependencies];
    lines.push({ name, version, state: await installedState(join(places.modules, name), tree), ...(range === undefined ? {} : { range }), cid, publisher });
  }
  context.out.answer({ dir: places.folder, packages: lines }, () => text(lines));
}

function text(lines: readonly Line[]): string {
  if (lines.length === 0) return 'Nothing is installed here.\n';
  const rows = lines.map((one) => [one.name, one.version, one.state === 'ok' ? '' : one.state, one.range ?? '', one.publisher]);
  const broken = lines.filter((one) => one.state !== 'ok').length;
  return `${table(['NAME', 'VERSION', 'STATE', 'WANTED', 'PUBLISHER'], rows)}\n${count(lines.length, 'package')}${broken > 0 ? `; ${broken} modified or missing: souk install puts them right` : ''}\n`;
}
