import { setUp } from './setup.mjs';
import { steps } from './steps.mjs';

const [name, ...words] = process.argv.slice(2);
const step = steps[name];
if (!step) throw new Error(`no step is called ${name}; there are ${Object.keys(steps).join(', ')}`);
setUp();
process.exitCode = await step(words);
