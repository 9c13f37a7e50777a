import { runMain } from '@souk/nest';
import { usage } from './command-line.ts';
import { runServices } from './run-services.ts';

const { stdout, stderr } = process;
const words = process.argv.slice(2);
const terminal = !stderr.isTTY ? 'none' : stderr.hasColors() ? 'color' : 'plain';

if (words.includes('--help') || words.includes('-h')) stdout.write(usage);
else await runMain((env, signal) => runServices({ env, words, terminal, stdout: (text) => void stdout.write(text), stderr: (text) => void stderr.write(text) }, signal));
