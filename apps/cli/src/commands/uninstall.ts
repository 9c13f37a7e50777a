import { nearNames, parseName, SoukError, type PackageName } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { count } from '../output/printable.ts';
import { lockfileText, reachable, type LockedPackages } from '../project/lockfile.ts';
import { openProject, type Project } from '../project/project.ts';
import { soukJsonText } from '../project/souk-json.ts';
import { swap } from '../project/swap.ts';

/** `souk uninstall NAME...`: removes packages and what only they required. Needs no site. */
export const uninstall: CommandDefinition = {
  define(command, start) {
    command
      .argument('<packages...>', 'names')
      .option('--dir <folder>', 'the project', '.')
      .action((names: string[], options: { dir: string }) => start((context) => remove(context, names.map(parseName), options.dir)));
  },
};

async function remove(context: Context, names: readonly PackageName[], dir: string): Promise<void> {
  const project = await openProject(context, dir);
  try {
    const { dependencies, kept, removed } = without(project, names);
    const changes = removed.map((name, slot) => ({ name: name as PackageName, slot, remove: true }));
    await swap(project, { changes, soukJson: soukJsonText(project.soukJson, dependencies), lockfile: lockfileText(kept) });
    const stay = names.filter((name) => kept[name] !== undefined);
    context.out.answer({ dir: project.folder, removed, stay }, () => text(removed, stay, kept));
  } finally {
    await project.close();
  }
}

/** The project without some of its requirements. Throws PACKAGE_NOT_FOUND with near names. */
function without(project: Project, names: readonly string[]): { dependencies: Record<string, string>; kept: LockedPackages; removed: string[] } {
  const lock = project.lock ?? {};
  const dependencies: Record<string, string> = { ...project.soukJson?.dependencies };
  for (const name of names) {
    if (dependencies[name] === undefined && lock[name] === undefined) {
      const near = nearNames(name, Object.keys({ ...dependencies, ...lock }));
      throw new SoukError('PACKAGE_NOT_FOUND', `${name} is not installed in ${project.folder}.`, { hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'See: souk list', details: { name, near } });
    }
    delete dependencies[name];
  }
  const kept = Object.fromEntries(reachable(dependencies, lock).flatMap((name) => (lock[name] ? [[name, lock[name]]] : [])));
  return { dependencies, kept, removed: Object.keys(lock).filter((name) => kept[name] === undefined) };
}

function text(removed: readonly string[], stay: readonly string[], kept: LockedPackages): string {
  const by = (name: string): string => Object.keys(kept).filter((one) => Object.hasOwn(kept[one]?.requires ?? {}, name)).join(', ');
  const still = stay.map((name) => `${name} stays: ${by(name)} requires it\n`).join('');
  return `${removed.map((name) => `- ${name}\n`).join('')}${still}${count(removed.length, 'package')} removed, ${Object.keys(kept).length} left\n`;
}
