import { writeFileSync } from 'node:fs';
import { lintFence } from './lint-fence.ts';

writeFileSync(new URL('./oxlintrc.fence.json', import.meta.url), lintFence());
