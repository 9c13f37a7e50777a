import { stat } from 'node:fs/promises';
import { errorTable, type CheckStep } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { checkMachine, checkPorts } from '../doctor/check-machine.ts';
import { answeringSite, checkSite } from '../doctor/check-site.ts';
import { Findings } from '../doctor/findings.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { dataFolderPath } from '../site/data-folder-path.ts';
import { peerOfFolder } from '../site/site-of-folder.ts';
import { runsSites } from '../site/require-node.ts';

interface DoctorOptions {
  readonly data?: string;
  readonly fix?: boolean;
  readonly quick?: boolean;
}

/** `souk doctor`: this machine, and a running site or the data folder of a stopped one. Exit code 7 while there are problems. */
export const doctor: CommandDefinition = {
  define(command, start) {
    command
      .option('--data <folder>', 'the data folder of a stopped site (default: the running site, else SOUK_HOME/site)')
      .option('--fix', 'put right what is safe: permissions, orphans, damaged blobs that can be fetched again')
      .option('--quick', 'do not read every blob')
      .action((options: DoctorOptions) => start((context) => run(context, options)));
  },
};

async function run(context: Context, options: DoctorOptions): Promise<number> {
  const findings = new Findings(context);
  const how = { fix: options.fix === true, blobs: options.quick !== true };
  try {
    await findings.take(checkMachine(context, how.fix));
    await examine(context, options.data, how, findings);
  } finally {
    findings.hide();
  }
  const { problems, checked, all } = findings;
  context.out.answer({ ok: problems === 0, checked, findings: all }, () => findings.text());
  return problems === 0 ? 0 : errorTable.STORAGE_CORRUPT.exit;
}

/** A folder that was named is examined itself, unless a site uses it; without a name the running site is asked, if there is one. */
async function examine(context: Context, data: string | undefined, how: { fix: boolean; blobs: boolean }, findings: Findings): Promise<void> {
  const folder = dataFolderPath(context, data);
  const gateway = await context.gateway();
  const site = await answeringSite(gateway);
  if (data === undefined && site) return findings.take(checkSite(gateway, site, how));
  if ((await onDisk(`Reading ${folder}`, () => ifPresent(() => stat(folder)))) === undefined) {
    return findings.add({ check: 'folder', level: data === undefined ? 'note' : 'problem', what: `There is no data folder ${folder}, and no site answers at ${gateway.site.origin}.`, todo: 'Start a site by souk up, or name a folder by --data or a site by --site.' });
  }
  if (!runsSites(context.host.nodeVersion)) return undefined;
  const isStopped = await takeFolder(context, folder, how, findings);
  if (!isStopped && site && site.peerId === (await peerOfFolder(folder))) return findings.take(checkSite(gateway, site, how));
  if (!isStopped) findings.add({ check: 'site', level: 'note', what: `The site that uses ${folder} does not answer at ${gateway.site.origin}.`, todo: 'Name its address by --site to have its records and blobs checked.' });
  if (isStopped && !site) await findings.take(checkPorts(context, folder, gateway.site));
  return undefined;
}

/** Takes what the folder's checks tell; answers whether the folder was free. */
async function takeFolder(context: Context, folder: string, how: { fix: boolean; blobs: boolean }, findings: Findings): Promise<boolean> {
  const { checkFolder } = await import('../doctor/check-folder.ts');
  const steps = checkFolder(context, folder, how);
  let isFree = true;
  async function* passed(): AsyncGenerator<CheckStep> {
    isFree = yield* steps;
  }
  await findings.take(passed());
  return isFree;
}
