import { Command, CommanderError } from 'commander';
import { isSoukError, SoukError } from '@souk/domain';
import type { Work } from './command.ts';
import { commandTable, type CommandEntry } from './command-table.ts';
import { contextOf, type GlobalOptions } from './context.ts';
import type { Host } from './host.ts';
import { showError } from './output/show-error.ts';
import { packageVersion } from './package-version.ts';
import { commandTrace } from './trace/command-trace.ts';

/**
 * Runs one command line (without `node` and the script) and answers its exit code: 0, or that of the error's code in the error table.
 * Never throws.
 */
export async function run(words: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(words, host);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return showError(host, words.includes('--json'), usageError(error, words));
    }
    return showError(host, words.includes('--json'), host.signal.aborted && !tellsMore(error, host.signal.reason) ? host.signal.reason : error);
  }
}

/** Whether a command says itself how far it had come when it was interrupted. */
function tellsMore(error: unknown, reason: unknown): boolean {
  return isSoukError(error) && error !== reason && error.cause === reason;
}

async function dispatch(words: readonly string[], host: Host): Promise<number> {
  let exitCode = 0;
  const program = withGlobals(new Command('souk'), host)
    .description('Publish, find and install signed templates and packages without a central registry.')
    .version(await packageVersion(host.packageFolder), '-V, --version')
    .addHelpText('after', '\nsouk help COMMAND tells more. Exit codes: 0 done, 2 usage, 3 not found, 4 refused, 5 conflict, 6 try again, 7 this machine, 130 interrupted.');
  const wanted = commandIn(words);
  for (const entry of commandTable) {
    const command = withGlobals(program.command(entry.name).description(entry.summary), host);
    if (entry !== wanted) continue;
    const definition = await entry.load();
    definition.define(command, async (work) => {
      exitCode = await perform(work, { name: entry.name, options: command.optsWithGlobals<GlobalOptions>() }, host);
    });
  }
  if (words.length === 0) program.help();
  await program.parseAsync([...words], { from: 'user' });
  return exitCode;
}

async function perform(work: Work, { name, options }: { readonly name: string; readonly options: GlobalOptions }, host: Host): Promise<number> {
  const trace = await commandTrace(host, name, await packageVersion(host.packageFolder));
  const context = contextOf(host, options, trace);
  let exitCode = 1;
  try {
    return (exitCode = (await work(context)) ?? 0);
  } catch (error) {
    if (isSoukError(error)) exitCode = error.entry.exit;
    throw error;
  } finally {
    context.close();
    await trace.end(exitCode);
  }
}

/** The command that a command line names: the first word that is neither an option nor the value of a global one; `help X` means X. */
function commandIn(words: readonly string[]): CommandEntry | undefined {
  const names = words.filter((word, at) => !word.startsWith('-') && !['--site', '--token'].includes(words[at - 1] ?? ''));
  const name = names[0] === 'help' ? names[1] : names[0];
  return commandTable.find((entry) => entry.name === name);
}

function withGlobals(command: Command, host: Host): Command {
  return command
    .option('--json', 'print one JSON value on standard output, an answer or an error')
    .option('--site <url>', 'the site to talk to (SOUK_SITE, default http://127.0.0.1:7685)')
    .option('--token <token>', 'its bearer token (SOUK_TOKEN)')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => host.stdout.write(text), writeErr: (text) => (text.startsWith('error:') ? undefined : host.stderr.write(text)), getOutHelpWidth: () => host.stdout.columns ?? 100 });
}

function usageError(error: CommanderError, words: readonly string[]): SoukError {
  const name = commandIn(words)?.name;
  const message = error.message.replace(/^error: /, '').replace(/\n+/g, ' ');
  return new SoukError('BAD_REQUEST', `${message[0]?.toUpperCase() ?? ''}${message.slice(1)}${/[.?)]$/.test(message) ? '' : '.'}`, { hint: `See: souk ${name ? `${name} ` : ''}--help` });
}
