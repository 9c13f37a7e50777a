import { routes, SearchQuery, type SearchAnswer } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { count } from '../output/printable.ts';
import { noteStale } from '../output/stale-note.ts';
import { table } from '../output/table.ts';

/** `souk search [words...]`: one line per package, best first; without words it lists. */
export const search: CommandDefinition = {
  define(command, start) {
    command
      .argument('[words...]', 'what to look for')
      .option('--kind <kind>', 'template or package')
      .option('--keyword <keyword>', 'packages with this keyword')
      .option('--publisher <key>', 'packages of this publisher (z6Mk...)')
      .option('--license <license>', 'packages under this license')
      .option('--scope <scope>', 'packages of this scope')
      .option('--sort <order>', 'relevance, updated, name, stars or downloads')
      .option('--limit <n>', 'lines at most, up to 100')
      .option('--offset <n>', 'lines to leave out first')
      .action((words: string[], options: Record<string, string>) => start((context) => find(context, queryOf(words, options))));
  },
};

/** The query that the options mean, checked before anything is sent. Throws BAD_REQUEST. */
function queryOf(words: readonly string[], options: Readonly<Record<string, string>>): SearchQuery {
  const { kind, keyword, publisher, license, sort, limit, offset } = options;
  const scope = options['scope']?.replace(/^@/, '');
  const parsed = SearchQuery.safeParse({ q: words.join(' '), kind, keyword, publisher, license, scope, sort, limit, offset });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SoukError('BAD_REQUEST', `--${issue?.path.join('.') ?? 'option'}: ${issue?.message ?? 'wrong value'}.`, { hint: 'See: souk search --help' });
}

async function find(context: Context, query: SearchQuery): Promise<void> {
  const answer = await (await context.gateway()).call(routes.search, { query });
  context.out.answer(answer, () => text(answer, context.out.width, query.offset));
  noteStale(context, answer.stale);
}

function text(answer: SearchAnswer, width: number, offset: number): string {
  const note = answer.partial === true ? 'The site has just started and still reads its catalogue: packages may be missing.\n' : '';
  return `${hits(answer, width, offset)}${note}${networkNote(answer)}`;
}

/** Where the answer comes from, of a site that follows a list. */
function networkNote({ followed, items }: SearchAnswer): string {
  if (!followed) return '';
  if (followed.superPeer === undefined) return 'This site follows a list, and no super-peer answers: only what it follows was searched.\n';
  const remote = items.filter((one) => one.remote === true).length;
  return `This site follows a list, which has ${count(followed.hits, 'hit')}; ${remote} of the ${count(items.length, 'line')} above come from the super-peer ${followed.superPeer}.\n`;
}

function hits(answer: SearchAnswer, width: number, offset: number): string {
  if (answer.items.length === 0) return answer.total === 0 ? 'Nothing found.\n' : `Nothing beyond the ${count(answer.total, 'package')} that were found.\n`;
  const rows = answer.items.map((one) => [one.name, one.version, one.kind, one.deprecated === undefined ? one.description : `(deprecated: ${one.deprecated}) ${one.description}`]);
  const last = offset + answer.items.length;
  const range = answer.items.length === answer.total ? count(answer.total, 'package') : `${offset + 1}-${last} of ${count(answer.total, 'package')}`;
  return `${table(['NAME', 'VERSION', 'KIND', 'DESCRIPTION'], rows, width)}\n${range} in ${answer.tookMs.toFixed(1)} ms${last < answer.total ? `; more with --offset ${last}` : ''}\n`;
}
