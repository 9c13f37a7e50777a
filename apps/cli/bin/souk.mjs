#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

// Compiled code is kept beside the user's keys, where nobody else can put any; whoever has no home of Souk yet gets none by this.
const home = resolve(process.env.SOUK_HOME || join(homedir(), '.souk'));
if (existsSync(home)) {
  const compiled = join(home, 'cache', 'compiled');
  module.enableCompileCache?.(compiled);
  // For the site that `souk up` starts: it spends less of its start on compiling.
  process.env.NODE_COMPILE_CACHE ??= compiled;
}
await import('../dist/souk.mjs');
