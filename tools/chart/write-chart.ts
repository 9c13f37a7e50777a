import { writeFileSync } from 'node:fs';
import { chartFile, chartFiles } from './chart-files.ts';

for (const [name, text] of chartFiles()) writeFileSync(chartFile(name), text);
