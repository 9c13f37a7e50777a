import { readFile } from 'node:fs/promises';

export const summary = 'Count the lines of files';
export const options = { empty: { type: 'boolean', default: true } };

/** Counts lines; with `empty: false` only those with text. */
export async function run(files, { empty }) {
  if (files.length === 0) throw new Error('Name at least one file.');
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return files.map((file, i) => ({ file, lines: texts[i].split('\n').filter((line) => empty || line.trim() !== '').length }));
}

export const text = (counts) => counts.map(({ file, lines }) => `${String(lines).padStart(8)} ${file}`).join('\n');
