import { writeFileSync } from 'node:fs';
import { asyncApiFile } from './asyncapi.ts';

/** Writes what services say to each other into docs/asyncapi.json. */
writeFileSync(new URL('../../docs/asyncapi.json', import.meta.url), asyncApiFile());
