import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { routes } from '@souk/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Exchange } from './api/api-caller.ts';
import { apiTour } from './api/api-tour.ts';
import { Scenario } from './scenario/scenario.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
}

const world = new Scenario();
const site = world.site('a');
let document: Document;
let exchanges: readonly Exchange[];
const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });

beforeAll(async () => {
  await site.start();
  document = (await (await fetch(`${site.url}/openapi.json`)).json()) as Document;
  ajv.addSchema(document, 'document');
  exchanges = await apiTour(site.url);
});
afterAll(() => world.end());

const operations = (): { readonly path: string; readonly method: string; readonly operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
const place = (...names: string[]): string => names.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')).join('/');

/** What is wrong with a value at a place of the document. */
function wrongAt(where: string, value: unknown): unknown {
  const isValid = ajv.compile({ $ref: `document#/paths/${where}/schema` });
  isValid(value);
  return isValid.errors ?? [];
}

test('the tour calls every route of the document, and the document has every route of the contracts', () => {
  const called = new Set<string>(exchanges.map(({ name }) => name));
  expect(operations().map(({ operation }) => operation.operationId).filter((name) => !called.has(name))).toEqual([]);
  expect(operations().map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(routes).sort());
});

test('every call is one that the document describes, and so is every answer', () => {
  const byName = new Map(operations().map((one) => [one.operation.operationId, one]));
  for (const { name, params = {}, query = {}, body, status, type, answer } of exchanges) {
    const { path, method, operation } = byName.get(name) as NonNullable<ReturnType<typeof byName.get>>;
    const documented = (operation.parameters ?? []).map((one) => `${one.in} ${one.name}`);
    expect({ name, documented }).toEqual({ name, documented: expect.arrayContaining([...Object.keys(params).map((one) => `path ${one}`), ...Object.keys(query).map((one) => `query ${one}`)]) });
    expect({ name, status, types: Object.keys(operation.responses[status]?.content ?? {}) }).toEqual({ name, status: expect.any(Number), types: [type.startsWith('application/') && type !== 'application/json' ? 'application/octet-stream' : type] });
    if (body !== undefined && !(body instanceof Uint8Array)) expect({ name, wrong: wrongAt(place(path, method, 'requestBody', 'content', 'application/json'), body) }).toEqual({ name, wrong: [] });
    const answers = type === 'text/event-stream' ? (answer as unknown[]) : [answer];
    expect({ name, answers: answers.length > 0 && answer !== 0 }).toEqual({ name, answers: true });
    if (typeof answer !== 'number') for (const one of answers) expect({ name, wrong: wrongAt(place(path, method, 'responses', String(status), 'content', type), one) }).toEqual({ name, wrong: [] });
  }
});

test('what is refused has the form of the documented error', async () => {
  const refused = await fetch(`${site.url}/v1/accounts`);
  expect([refused.status, wrongAt(place('/v1/accounts', 'get', 'responses', 'default', 'content', 'application/json'), await refused.json())]).toEqual([401, []]);
});
