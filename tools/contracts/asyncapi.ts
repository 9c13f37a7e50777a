import { globSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as contracts from '@souk/contracts';
import { ErrorBody } from '@souk/domain';
import { z } from 'zod';

type Contract = contracts.RequestContract | contracts.StreamContract | contracts.EventContract;
type Json = Readonly<Record<string, unknown>>;

const isContract = (value: unknown): value is Contract => typeof value === 'object' && value !== null && 'subject' in value && 'type' in value;
const named = new Map(Object.entries<unknown>(contracts).flatMap(([name, value]) => (isContract(value) ? [[value.subject, { name, contract: value }] as const] : [])));

/** What the sources say above each contract. */
function summaries(): ReadonlyMap<string, string> {
  const sources = globSync('libs/contracts/src/*.ts', { cwd: new URL('../../', import.meta.url) }).map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
  const found = sources.flatMap((source) => [...source.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+) = (?:request|stream|event)\(/g)]);
  return new Map(found.map(([, comment = '', name = '']) => [name, comment.replaceAll(/\s*\n \*\s?/g, ' ').trim()]));
}

/** A newer version may add a field to what it sends, so nothing sent is said to have no others. */
function isOpen({ jsonSchema }: { readonly jsonSchema: { additionalProperties?: unknown } }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

/** Schemas with a name of their own, each once. What is read may differ from what is written, by defaults: the second one met is named `…Input` or `…Output` then. */
class Schemas {
  readonly all: Record<string, Json> = {};

  /** A schema in whose place its named parts are references. */
  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $defs = {}, $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-7', override: isOpen }) as Json & { $defs?: Record<string, Json> };
    const { definitions = $defs, ...whole } = rest as Json & { definitions?: Record<string, Json> };
    const names = new Map(Object.entries(definitions).map(([name, one]) => [name, this.#name(name, one, io)]));
    const placed = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/"#\/(?:\$defs|definitions)\/(\w+)"/g, (_, name: string) => `"#/components/schemas/${names.get(name) ?? name}"`));
    for (const [name, one] of Object.entries(definitions)) this.all[names.get(name) as string] = placed(one) as Json;
    return placed(whole) as Json;
  }

  readonly #seen = new Map<string, Json>();

  #name(name: string, schema: Json, io: 'input' | 'output'): string {
    for (const one of [name, io === 'input' ? `${name}Input` : `${name}Output`]) {
      const seen = this.#seen.get(one);
      if (seen && !isDeepStrictEqual(seen, schema)) continue;
      this.#seen.set(one, schema);
      return one;
    }
    throw new Error(`${name} has more than two forms`);
  }
}

const at = (...path: string[]): Json => ({ $ref: `#/${path.map((one) => one.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}` });
const rpcHeaders: Json = {
  type: 'object',
  properties: {
    traceparent: { type: 'string', description: 'W3C trace context.' },
    'souk-deadline-ms': { type: 'string', description: 'Of a request: milliseconds after which the caller has given up.' },
    'souk-window': { type: 'string', description: 'Of a stream: bytes of items that the caller can hold; more by a grant on `<subject>.control`.' },
    'souk-heartbeat-ms': { type: 'string', description: 'Of a stream: milliseconds between the signs of life of its caller.' },
    'souk-alive': { type: 'string', const: '1', description: 'The caller wants signs of life while it waits.' },
  },
};
const answerHeaders: Json = {
  type: 'object',
  properties: {
    'souk-kind': { type: 'string', enum: ['value', 'end', 'error', 'alive'], description: 'What this answer is. A stream is values and then `end`.' },
    'souk-seq': { type: 'string', description: 'Place in the stream, from 0.' },
  },
};

function messagesOf({ name, contract }: { name: string; contract: Contract }, schemas: Schemas): Record<string, Json> {
  const message = (payload: Json, headers?: Json): Json => ({ contentType: 'application/json', ...(headers ? { headers } : {}), payload });
  if (contract.type === 'event') return { [name]: message(schemas.of(contract.payload, 'output')) };
  const answer = contract.type === 'request' ? contract.output : contract.item;
  return {
    [name]: message(schemas.of(contract.input, 'input'), rpcHeaders),
    [contract.type === 'request' ? 'answer' : 'item']: message(schemas.of(answer, 'output'), answerHeaders),
    error: message(schemas.of(ErrorBody, 'output'), answerHeaders),
  };
}

function operationsOf(service: contracts.ServiceName): Record<string, Json> {
  const row: contracts.Traffic = contracts.traffic[service];
  const operation = (action: 'send' | 'receive', { subject }: { readonly subject: string }): Json => {
    const { name, contract } = named.get(subject) as { name: string; contract: Contract };
    const messages = (...keys: string[]): Json[] => keys.map((key) => at('channels', name, 'messages', key));
    const reply = contract.type === 'event' ? {} : { reply: { channel: at('channels', name), messages: messages(contract.type === 'request' ? 'answer' : 'item', 'error') } };
    return { action, channel: at('channels', name), tags: [{ name: service }], messages: messages(name), ...reply };
  };
  const all = (verb: string, action: 'send' | 'receive', list: readonly { readonly subject: string }[]): [string, Json][] =>
    list.map((one) => [`${service}-${verb}-${named.get(one.subject)?.name}`, operation(action, one)]);
  return Object.fromEntries([...all('serves', 'receive', row.serves), ...all('calls', 'send', row.calls), ...all('hears', 'receive', row.listens), ...all('emits', 'send', row.emits)]);
}

/** What the services of a site say to each other over NATS, as an AsyncAPI 3.0 document: a channel for each subject, an operation for each service that uses it. */
export function asyncApiDocument(): Json {
  const [schemas, said] = [new Schemas(), summaries()];
  const channel = (one: { name: string; contract: Contract }): Json => ({
    address: one.contract.subject,
    description: said.get(one.name),
    ...(one.contract.subject.includes('{ordinal}') ? { parameters: { ordinal: { description: 'Which of the site\'s peers is asked; 0 is the primary.' } } } : {}),
    messages: messagesOf(one, schemas),
  });
  const channels = Object.fromEntries([...named.values()].map((one) => [one.name, channel(one)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Souk, inside a site',
      version: '1',
      description: 'Requests, streams and events between the services of one site over NATS. Who may use which subject is also what NATS users are made from.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels,
    operations: Object.fromEntries(contracts.serviceNames.flatMap((service) => Object.entries(operationsOf(service)))),
    components: { schemas: schemas.all },
  };
}

/** The document as the file that is kept in docs. */
export function asyncApiFile(): string {
  return `${JSON.stringify(asyncApiDocument(), null, 2)}\n`;
}
