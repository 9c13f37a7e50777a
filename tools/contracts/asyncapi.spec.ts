import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { serviceNames, traffic, type Traffic } from '@souk/contracts';
import { Ajv } from 'ajv';
import * as formats from 'ajv-formats';
import { asyncApiDocument, asyncApiFile } from './asyncapi.ts';

interface Document {
  readonly channels: Record<string, { readonly address: string; readonly description?: string; readonly messages: Record<string, { readonly payload: object }> }>;
  readonly operations: Record<string, object>;
  readonly components: { readonly schemas: Record<string, object> };
}
const document = asyncApiDocument() as unknown as Document;
const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as object;

test('the document in docs is that of the contracts; npm run asyncapi writes it', () => {
  expect(readFileSync('docs/asyncapi.json', 'utf8')).toBe(asyncApiFile());
});

test('it is a document of AsyncAPI 3.0', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false, logger: false });
  const isValid = ajv.compile(schema);
  isValid(document);
  expect(isValid.errors ?? []).toEqual([]);
  expect(isValid({ ...document, channels: [] })).toBe(false);
});

test('every subject is a channel with a description, and every use of it an operation of its service', () => {
  const uses = (row: Traffic): number => row.serves.length + row.calls.length + row.listens.length + row.emits.length;
  expect(Object.values(document.channels).filter(({ description }) => !description)).toEqual([]);
  for (const service of serviceNames) expect(Object.keys(document.operations).filter((name) => name.startsWith(`${service}-`))).toHaveLength(uses(traffic[service]));
});

test('every payload is a schema whose references lead somewhere', () => {
  const ajv = new Ajv({ strict: false, logger: false });
  formats.default.default(ajv);
  for (const name of ['package-name', 'cid']) ajv.addFormat(name, true);
  ajv.addSchema(document, 'document');
  for (const [name, { messages }] of Object.entries(document.channels)) {
    for (const key of Object.keys(messages)) expect(() => ajv.compile({ $ref: `document#/channels/${name}/messages/${key}/payload` })).not.toThrow();
  }
});
