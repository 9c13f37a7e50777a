import type { CommandDefinition } from '../command.ts';
import { retractVersion } from '../publish/retract-version.ts';

/** `souk deprecate NAME@V --reason TEXT`: signs that a version should no longer be used. */
export const deprecate: CommandDefinition = {
  define(command, start) {
    command
      .argument('<version>', 'NAME@VERSION')
      .requiredOption('--reason <text>', 'why; everybody can read it')
      .action((text: string, options: { reason: string }) => start((context) => retractVersion(context, text, 'deprecate', options.reason)));
  },
};
