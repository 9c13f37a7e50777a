import { relative } from 'node:path';
import { isRange, SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { openContentStore } from '../home/content-store.ts';
import { openProofStore } from '../home/proof-store.ts';
import { applyPackages, type Outcome } from '../install/apply-packages.ts';
import { choosePackages } from '../install/choose-packages.ts';
import type { ProvenPackage } from '../install/prove-packages.ts';
import { bytesText, count } from '../output/printable.ts';
import { parsePackageSpec, type PackageSpec } from '../parse-package-spec.ts';
import { openProject, type Project } from '../project/project.ts';

interface InstallOptions {
  readonly dir: string;
  readonly frozen?: boolean;
}

/** `souk install [NAME[@RANGE]...]`: verifies everything itself, then changes the project all at once or not at all. */
export const install: CommandDefinition = {
  define(command, start) {
    command
      .argument('[packages...]', 'NAME, NAME@RANGE or NAME@TAG; none: what souk.json requires')
      .option('--dir <folder>', 'the project', '.')
      .option('--frozen', 'follow souk-lock.json to the letter or fail')
      .action((packages: string[], options: InstallOptions) => start((context) => bring(context, packages.map(parsePackageSpec), options)));
  },
};

async function bring(context: Context, specs: readonly PackageSpec[], options: InstallOptions): Promise<void> {
  if (options.frozen && specs.length > 0) throw new SoukError('BAD_REQUEST', '--frozen follows souk-lock.json; it takes no names.');
  const began = context.host.now();
  const project = await openProject(context, options.dir);
  try {
    if (specs.length === 0 && project.soukJson === undefined) {
      throw new SoukError('NOT_FOUND', `There is no souk.json in ${project.folder}.`, { hint: 'Name what to install: souk install NAME' });
    }
    const outcome = await installInto(context, project, specs, options.frozen === true);
    const dir = relative(context.host.cwd, project.folder) || '.';
    context.out.answer({ dir: project.folder, ...outcome }, () => text(outcome, dir, context.host.now() - began));
  } finally {
    await project.close();
  }
}

async function installInto(context: Context, project: Project, specs: readonly PackageSpec[], frozen: boolean): Promise<Outcome> {
  const before = project.soukJson?.dependencies ?? {};
  const asked = Object.fromEntries(specs.map((one) => [one.name, one.wanted ?? 'latest']));
  const proofs = openProofStore(context.home.proofs);
  const packages = await choosePackages(context, proofs, { dependencies: { ...before, ...asked }, lock: project.lock ?? {}, renew: Object.keys(asked), frozen });
  const content = await openContentStore(context.home.blobs, context.host.now());
  await Promise.all(packages.map((one) => proofs.put(one.name, one.version, one.cid, one.proof)));
  return applyPackages(context, project, content, packages, { ...before, ...rangesOf(asked, packages) });
}

/** What souk.json says of the names that were asked for: a range as it was given, else compatible with the chosen version. */
function rangesOf(asked: Readonly<Record<string, string>>, packages: readonly ProvenPackage[]): Record<string, string> {
  const versions = new Map<string, string>(packages.map((one) => [one.name, one.version]));
  return Object.fromEntries(Object.entries(asked).map(([name, wanted]) => [name, isRange(wanted) ? wanted : `^${versions.get(name)}`]));
}

function text(outcome: Outcome, dir: string, tookMs: number): string {
  const signs = { added: '+', updated: '~', repaired: '~', unchanged: '' } as const;
  const lines = outcome.packages.filter((one) => one.change !== 'unchanged').map((one) => `${signs[one.change]} ${one.name} ${one.version}${one.change === 'repaired' ? ' (repaired)' : ''}\n`);
  const gone = outcome.removed.map((name) => `- ${name}\n`);
  const publishers = new Set(outcome.packages.map((one) => one.publisher)).size;
  const { blobs, bytes } = outcome.downloaded;
  const total = `${count(outcome.packages.length, 'package')} of ${count(publishers, 'publisher')} in ${dir === '.' ? '' : `${dir}/`}souk_modules, all verified`;
  const how = blobs === 0 ? 'nothing downloaded' : `${blobs} downloaded (${bytesText(bytes)})`;
  return `${[...lines, ...gone].join('')}${lines.length + gone.length === 0 ? 'Everything is in place.\n' : ''}${total}; ${how}, ${Math.round(tookMs)} ms\n`;
}
