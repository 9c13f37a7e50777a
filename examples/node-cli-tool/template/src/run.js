import { parseArgs } from 'node:util';
import * as count from './commands/count.js';

const commands = { count };

const help = () =>
  ['Usage: my-tool COMMAND [OPTIONS]', '', ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`), '', '  --json     print JSON', '  --help     print this'].join('\n');

/** Runs the tool; resolves to its exit code: 0 done, 1 failed, 2 used wrongly. */
export async function run(words, out = console.log, err = console.error) {
  const [name, ...rest] = words;
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (!command) {
    const asked = name === undefined || name === '--help';
    (asked ? out : err)(asked ? help() : `There is no command "${name}".\n\n${help()}`);
    return asked ? 0 : 2;
  }
  let parsed;
  try {
    parsed = parseArgs({ args: rest, allowPositionals: true, options: { json: { type: 'boolean' }, ...command.options } });
  } catch (error) {
    err(`${error.message}\n\n${help()}`);
    return 2;
  }
  try {
    const answer = await command.run(parsed.positionals, parsed.values);
    out(parsed.values.json ? JSON.stringify(answer) : command.text(answer));
    return 0;
  } catch (error) {
    err(process.env.DEBUG ? error.stack : error.message);
    return 1;
  }
}
