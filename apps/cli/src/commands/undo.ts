import type { CommandDefinition } from '../command.ts';
import { retractVersion } from '../publish/retract-version.ts';

/** `souk undo NAME@V`: signs that an earlier yank or deprecation no longer holds. */
export const undo: CommandDefinition = {
  define(command, start) {
    command
      .argument('<version>', 'NAME@VERSION')
      .option('--reason <text>', 'why; everybody can read it', '')
      .action((text: string, options: { reason: string }) => start((context) => retractVersion(context, text, 'undo', options.reason)));
  },
};
