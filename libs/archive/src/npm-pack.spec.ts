import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inFolder } from '@souk/testing/conformance';
import { inspectArchive, packFolder, type ArchiveReport } from './index.ts';

type Sample = { readonly [path: string]: string };

function manifest(more: object): string {
  return JSON.stringify({ name: 'sample', version: '1.0.0', ...more });
}

function installed(name: string, dependencies: object = {}): string {
  return JSON.stringify({ name, version: '1.0.0', dependencies });
}

/** Files of each sample folder; those whose name ends with .sh are executable. */
const samples: Readonly<Record<string, Sample>> = {
  'everything but what npm never packs': {
    'package.json': manifest({}),
    'index.js': '1', '.hidden': '2', 'docs/a.md': '3', 'bin/run.sh': '#!/bin/sh\n', 'CHANGES.orig': '4', '.DS_Store': '5', '.npmrc': 'secret', 'npm-debug.log': '6',
    'package-lock.json': '{}', 'yarn.lock': '', 'node_modules/dep/index.js': '7', '.git/config': '8', 'lib/node_modules/x/index.js': '9', 'sub/.npmrc': 'secret', 'a.swp': '', '.a.swp': '',
  },
  'a .npmignore, also in a folder below': {
    'package.json': manifest({ main: 'secret/main.js' }),
    '.npmignore': 'secret\n*.log\n!keep.log\n/only-here.txt\n', '.gitignore': 'index.js\n', 'index.js': '1', 'a.log': '2', 'keep.log': '3', 'secret/main.js': '4', 'secret/other.js': '5',
    'only-here.txt': '6', 'sub/only-here.txt': '7', 'sub/.npmignore': 'not-me.js\n', 'sub/not-me.js': '8', 'sub/me.js': '9', 'LICENSE': 'mine', 'README': 'read',
  },
  'a .gitignore alone': { 'package.json': manifest({}), '.gitignore': 'dist\n*.tmp\n', 'dist/index.js': '1', 'src/index.js': '2', 'src/a.tmp': '3' },
  'a files field with commands': {
    'package.json': manifest({ files: ['lib', 'assets/logo.svg', '!lib/internal'], main: './main.js', bin: { sample: './cli.js', other: 'tools/other.js' } }),
    'lib/index.js': '1', 'lib/internal/x.js': '2', 'lib/tool.sh': '#!/bin/sh\n', 'assets/logo.svg': '3', 'assets/logo.png': '4', 'main.js': '5', 'cli.js': '6', 'tools/other.js': '7', 'test/a.js': '8', 'Readme.md': '9', 'LICENCE.txt': '10',
  },
  'one command as a text': { 'package.json': manifest({ bin: './run.js', files: ['lib'] }), 'run.js': '1', 'lib/a.js': '2' },
  'bundled dependencies': {
    'package.json': manifest({ dependencies: { dep: '*', '@scope/one': '*', missing: '*' }, bundleDependencies: ['dep', '@scope/one', 'missing'] }),
    'index.js': '1',
    'node_modules/dep/package.json': installed('dep', { nested: '*', hoisted: '*' }), 'node_modules/dep/index.js': '2', 'node_modules/dep/.npmignore': 'index.js',
    'node_modules/dep/node_modules/nested/package.json': installed('nested'), 'node_modules/dep/node_modules/nested/a.js': '3',
    'node_modules/hoisted/package.json': installed('hoisted', { dep: '*' }), 'node_modules/hoisted/a.js': '4',
    'node_modules/@scope/one/package.json': installed('@scope/one'), 'node_modules/@scope/one/a.js': '5',
    'node_modules/unrelated/package.json': installed('unrelated'), 'node_modules/unrelated/a.js': '6',
  },
};

async function npmPack(folder: string, into: string): Promise<ArchiveReport> {
  await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into], { cwd: folder });
  const [file] = await readdir(into);
  return inspectArchive(createReadStream(join(into, String(file))), { maxBytes: 1e7 });
}

for (const [name, files] of Object.entries(samples)) {
  test(`packs what npm packs: ${name}`, async () => {
    await inFolder(async (folder) => {
      const source = join(folder, 'sample');
      for (const [path, body] of Object.entries(files)) {
        await mkdir(dirname(join(source, path)), { recursive: true });
        await writeFile(join(source, path), body);
        if (path.endsWith('.sh')) await chmod(join(source, path), 0o755);
      }
      await symlink('index.js', join(source, 'link.js'));
      await mkdir(join(folder, 'packed'));
      const packed = await packFolder(source);
      const npm = await npmPack(source, join(folder, 'packed'));
      expect(packed.report.files).toEqual(npm.files);
      expect([npm.violations, packed.skipped, packed.report.root]).toEqual([[], ['link.js'], npm.root]);
      await packed.dispose();
    });
  });
}
