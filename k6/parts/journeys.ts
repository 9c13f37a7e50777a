import { b64decode } from 'k6/encoding';
import exec from 'k6/execution';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { Rate, Trend } from 'k6/metrics';
import type { Journey } from '../../tools/slo/objective.ts';
import { data, turn } from './data.ts';
import { plan } from './plan.ts';

const took = new Trend('souk_journey', true);
const failed = new Rate('souk_journey_failed');
/** One of so many searches is read and checked; the others only have to be 200. */
const checkEvery = 20;

type Answer = RefinedResponse<ResponseType | undefined>;

/** The step of the run that this moment belongs to, for scenarios that have several. */
export type Phase = 'whole' | 'before' | 'peak' | 'after';

function note(journey: Journey, phase: Phase, answers: readonly Answer[], isRight = true): void {
  const isFine = isRight && answers.every(({ status }) => status === 200 || status === 201);
  const tags = { journey, phase };
  failed.add(!isFine, tags);
  if (isFine) took.add(answers.reduce((sum, { timings }) => sum + timings.duration, 0), tags);
}

function isSearchAnswer(answer: Answer): boolean {
  const { total, items } = answer.json() as { total?: number; items?: readonly unknown[] };
  return total !== undefined && items !== undefined && items.length <= total;
}

/** One search; no query comes twice before all of them were asked. */
export function search(phase: Phase = 'whole', at = exec.scenario.iterationInTest): void {
  const isRead = at % checkEvery === 0;
  const answer = http.get(`${plan.site}/v1/search?${turn(data.queries, at)}`, { tags: { name: 'search' }, responseType: isRead ? 'text' : 'none' });
  note('search', phase, [answer], !isRead || answer.status !== 200 || isSearchAnswer(answer));
}

/** The page of one package or version. */
export function info(phase: Phase = 'whole', at = exec.scenario.iterationInTest): void {
  note('info', phase, [http.get(`${plan.site}${turn(data.paths, at)}`, { tags: { name: 'info' }, responseType: 'none' })]);
}

const json = { 'content-type': 'application/json' };

/** The `at`th prepared release of this run: uploads the archive, then appends the record. */
export function publish(phase: Phase = 'whole', at = exec.scenario.iterationInTest): void {
  const release = data.releases[at];
  if (release === undefined) exec.test.abort('More releases were published than were prepared.');
  else {
    const put = http.put(`${plan.site}/v1/blobs/${release.cid}`, b64decode(release.archive), { headers: { 'content-type': 'application/octet-stream' }, tags: { name: 'upload' } });
    const post = http.post(`${plan.site}/v1/records`, release.append, { headers: json, tags: { name: 'append' } });
    note('publish', phase, [put, post]);
  }
}

interface Resolution {
  readonly packages: readonly { readonly name: string; readonly version: string; readonly cid: string }[];
}

/** What `souk install` asks of a site: a resolution with its proofs, that the site holds every blob, and each blob's bytes. */
export function install(phase: Phase = 'whole', at = exec.scenario.iterationInTest): void {
  const resolved = http.post(`${plan.site}/v1/resolutions`, turn(data.installs, at), { headers: json, tags: { name: 'resolve' }, responseType: 'text' });
  if (resolved.status !== 200) {
    note('install', phase, [resolved]);
    return;
  }
  const { packages } = resolved.json() as unknown as Resolution;
  const exact = Object.fromEntries(packages.map(({ name, version }) => [name, version]));
  const held = http.post(`${plan.site}/v1/installs`, JSON.stringify({ dependencies: exact, locked: exact }), { headers: json, tags: { name: 'install' }, responseType: 'text' });
  const blobs = packages.map(({ cid }) => http.get(`${plan.site}/v1/blobs/${cid}`, { tags: { name: 'download' }, responseType: 'none' }));
  note('install', phase, [resolved, held, ...blobs], String(held.body).includes('event: done'));
}

/** Of fifty journeys: 45 searches, 4 looks at a package, and one that publishes and installs. */
export function mixed(phase: Phase = 'whole'): void {
  const at = exec.scenario.iterationInTest;
  const turnOf50 = at % 50;
  if (turnOf50 === 25) {
    publish(phase, Math.floor(at / 50));
    install(phase, Math.floor(at / 50));
  } else if (turnOf50 % 12 === 6) info(phase);
  else search(phase);
}

/** The same without publishing, for runs that must not make the catalogue grow. */
export function reading(phase: Phase = 'whole'): void {
  const at = exec.scenario.iterationInTest;
  if (at % 50 === 25) install(phase);
  else if (at % 12 === 6) info(phase);
  else search(phase);
}
