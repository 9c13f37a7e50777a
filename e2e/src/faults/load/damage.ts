import { StorageCheckEvent } from '@souk/contracts';
import type { Site } from '../../scenario/site.ts';

/** What the examination of a running site (souk doctor) calls a problem. */
export async function damageOf(site: Site): Promise<string[]> {
  const { status, body } = await site.post('/v1/storage/checks', { blobs: true });
  if (status !== 200 && status !== 201) return [`${site.name} could not be examined: ${status} ${JSON.stringify(body)}`];
  const events = String(body).split('\n\n').filter((frame) => frame !== '').map((frame) => StorageCheckEvent.parse(JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? 'null')));
  const problems = events.flatMap((event) => (event.type === 'finding' && event.finding.level === 'problem' && event.finding.check !== 'disk' ? [`${site.name}: ${event.finding.what}`] : []));
  return events.at(-1)?.type === 'done' ? problems : [...problems, `${site.name}: the examination did not end`];
}
