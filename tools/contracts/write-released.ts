import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { releasedFile } from '@souk/testing/skew';

/** Keeps today's contracts as those of the version in package.json. What was kept once is never written again: others run it. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const file = new URL(`../../libs/contracts/released/v${version}.json`, import.meta.url);
if (existsSync(file)) throw new Error(`v${version} has been released with other contracts; raise the version first`);
writeFileSync(file, releasedFile(version));
