import { runMain } from '@souk/nest';
import { runSite } from './run-site.ts';

await runMain((env) => runSite(env, (text) => void process.stdout.write(text)));
