import { routes, type PackageDoc, type VersionDoc } from '@souk/contracts';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { bytesText, count } from '../output/printable.ts';
import { noteStale } from '../output/stale-note.ts';
import { facts, table } from '../output/table.ts';
import { parsePackageSpec } from '../parse-package-spec.ts';

const shownVersions = 10;

/** `souk info NAME[@V]`: a package with its versions, or one version in full. */
export const info: CommandDefinition = {
  define(command, start) {
    command.argument('<package>', 'NAME, or NAME@VERSION, NAME@RANGE, NAME@TAG').action((text: string) => start((context) => show(context, text)));
  },
};

async function show(context: Context, text: string): Promise<void> {
  const { name, wanted } = parsePackageSpec(text);
  const gateway = await context.gateway();
  if (wanted === undefined) {
    const doc = await gateway.call(routes.getPackage, { params: { name } });
    context.out.answer(doc, () => packageText(doc, context.out.width));
    return noteStale(context, doc.stale);
  }
  const doc = await gateway.call(routes.getVersion, { params: { name, version: wanted } });
  context.out.answer(doc, () => versionText(doc));
  noteStale(context, doc.stale);
}

function packageText(doc: PackageDoc, width: number): string {
  const rows = doc.versions.slice(0, shownVersions).map((one) => [one.version, one.kind, bytesText(one.size), one.publishedAt.slice(0, 10), one.retracted ? `${one.retracted.how}: ${one.retracted.reason}` : '']);
  const more = doc.totalVersions > rows.length ? `and ${doc.totalVersions - rows.length} more\n` : '';
  return [
    `${doc.name}${doc.latest ? `@${doc.latest}` : ''}\n`,
    doc.description ? `${doc.description}\n` : '',
    '\n',
    facts([
      ['kind', doc.kind],
      ['publisher', doc.publisher ?? `contested by ${doc.claimants.join(', ')}`],
      ['license', doc.license],
      ['keywords', doc.keywords.join(', ')],
      ['homepage', doc.homepage],
      ['tags', Object.entries(doc.tags).map(([tag, version]) => `${tag}=${version}`).join(', ')],
    ]),
    `\n${count(doc.totalVersions, 'version')}\n`,
    table(['VERSION', 'KIND', 'SIZE', 'FIRST SEEN', 'REMARK'], rows, width),
    more,
  ].join('');
}

function versionText(doc: VersionDoc): string {
  const needs = Object.entries((doc.kind === 'template' ? doc.manifest.requires : doc.manifest.dependencies) ?? {});
  return [
    `${doc.name}@${doc.version}\n`,
    doc.manifest.description ? `${doc.manifest.description}\n` : '',
    '\n',
    facts([
      ['kind', doc.kind],
      ['publisher', doc.publisher],
      ['license', doc.manifest.license],
      ['cid', doc.cid],
      ['integrity', doc.integrity],
      ['tree', doc.tree],
      ['size', `${bytesText(doc.size)}, ${bytesText(doc.unpackedSize)} unpacked, ${count(doc.files, 'file')}`],
      ['requires', needs.map(([name, range]) => `${name}@${range}`).join(', ')],
      ['first seen', doc.publishedAt],
      [doc.retracted?.how ?? '', doc.retracted && (doc.retracted.reason || 'no reason given')],
      ['warning', doc.equivocations > 0 ? `${count(doc.equivocations, 'other release')} of this version with other bytes was signed; those are never installed` : undefined],
    ]),
    doc.readme ? `\n${doc.readme.excerpt.trim()}\n` : '',
  ].join('');
}
