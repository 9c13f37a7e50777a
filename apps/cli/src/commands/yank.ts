import type { CommandDefinition } from '../command.ts';
import { retractVersion } from '../publish/retract-version.ts';

/** `souk yank NAME@V --reason TEXT`: signs that new installs must not choose a version. */
export const yank: CommandDefinition = {
  define(command, start) {
    command
      .argument('<version>', 'NAME@VERSION')
      .requiredOption('--reason <text>', 'why; everybody can read it')
      .action((text: string, options: { reason: string }) => start((context) => retractVersion(context, text, 'yank', options.reason)));
  },
};
