// Publishes a package, finds it and installs it, as a person would by the command line, which verifies what it gets. It leaves the package behind, yanked.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { untilReady } from './site.mjs';

const folder = mkdtempSync(join(tmpdir(), 'souk-test-'));
const name = `helm-test-${randomBytes(5).toString('hex')}`;
const searchMs = 60_000;

function souk(...words) {
  const project = join(folder, 'project');
  mkdirSync(project, { recursive: true });
  const command = ['--disable-warning=ExperimentalWarning', process.env.PROGRAM, ...words, '--json'];
  const said = execFileSync(process.execPath, command, { cwd: project, env: { ...process.env, SOUK_HOME: join(folder, 'home') }, encoding: 'utf8' });
  console.log(`souk ${words.join(' ')}: ok`);
  return JSON.parse(said);
}

async function untilFound() {
  const end = Date.now() + searchMs;
  while (!souk('search', name).items.some((item) => item.name === name)) {
    if (Date.now() > end) throw new Error(`${name} was published and is not found`);
    await delay(500);
  }
}

try {
  await untilReady();
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'package.json'), JSON.stringify({ name, version: '1.0.0', description: 'Made by helm test' }));
  writeFileSync(join(source, 'index.js'), `module.exports = '${name}';\n`);
  souk('publish', source);
  await untilFound();
  souk('install', name);
  const installed = readFileSync(join(folder, 'project', 'souk_modules', name, 'index.js'), 'utf8');
  if (!installed.includes(name)) throw new Error('what was installed is not what was published');
  souk('yank', `${name}@1.0.0`, '--reason', 'made by helm test');
  console.log(`${name} was published, found and installed.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
