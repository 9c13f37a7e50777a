import { carType, routes, type HttpRoute } from '@souk/contracts';
import { ErrorBody } from '@souk/domain';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import recorded from './api-examples.json' with { type: 'json' };

/** What a real site was asked and answered, by the name of the route; `npm run examples` records it. */
interface Example {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly answer?: unknown;
}
const examples: Readonly<Record<string, Example>> = recorded;
const shown = (example: unknown): object => (example === undefined ? {} : { example });

type Content = NonNullable<Exclude<ZodOpenApiOperationObject['requestBody'], undefined>>['content'];

const binary = { schema: { type: 'string', format: 'binary' } } as const;
const neededScope = ({ scope }: HttpRoute): string => (scope === 'none' ? 'For everybody.' : scope === 'any' ? 'For whoever is let in.' : `Needs the scope \`${scope}\`.`);

function bodyOf({ body }: HttpRoute, example: Example): Content | undefined {
  if (body === undefined) return undefined;
  if (body instanceof z.ZodType) return { 'application/json': { schema: body, ...shown(example.body) } };
  return { [body === 'car' ? carType : 'application/octet-stream']: binary };
}

function answerOf({ answer }: HttpRoute, example: Example): Content {
  if (answer instanceof z.ZodType) return { 'application/json': { schema: answer, ...shown(example.answer) } };
  if (answer === 'bytes') return { 'application/octet-stream': binary };
  return { 'text/event-stream': { schema: answer.events, ...shown(example.answer) } };
}

/** The same parameters, each with what it was in the example. */
function withExamples(parameters: z.ZodObject, values: Readonly<Record<string, unknown>> = {}): z.ZodObject {
  return z.object(Object.fromEntries(Object.entries(parameters.shape).map(([name, one]) => [name, name in values ? (one as z.ZodType).meta({ param: { example: values[name] } }) : one])));
}

function operation(name: string, route: HttpRoute): ZodOpenApiOperationObject {
  const example = examples[name] ?? {};
  const [body, content] = [bodyOf(route, example), answerOf(route, example)];
  return {
    operationId: name,
    summary: route.summary,
    description: neededScope(route),
    tags: [route.path.split('/')[2] ?? 'v1'],
    ...(route.scope === 'none' ? { security: [] } : {}),
    requestParams: { ...(route.params ? { path: withExamples(route.params, example.params) } : {}), ...(route.query ? { query: withExamples(route.query, example.query) } : {}) },
    ...(body ? { requestBody: { required: true, content: body } } : {}),
    responses: {
      200: { description: typeof route.answer === 'object' && 'events' in route.answer ? 'Server-sent events; the data of each is of this form.' : 'Done, or there already.', content },
      ...(route.creates ? { 201: { description: 'Made, and on disk.', content } } : {}),
      default: { description: 'What happened, why, what to do.', content: { 'application/json': { schema: ErrorBody } } },
    },
  };
}

function pathsOf(all: Readonly<Record<string, HttpRoute>>): Record<string, Record<string, ZodOpenApiOperationObject>> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [name, route] of Object.entries(all)) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route) };
  return paths;
}

/** The HTTP API as an OpenAPI 3.1 document: every route of the contracts with its parameters, bodies, answers and errors; names of operations are those of the routes. */
export function apiDocument(): object {
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Souk', version: '1', description: 'A marketplace for code templates and packages without a central registry.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A token of an account of the site, or the operator\'s.' } } },
    paths: pathsOf(routes),
  });
}
