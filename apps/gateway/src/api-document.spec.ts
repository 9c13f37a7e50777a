import { expect, test } from '@jest/globals';
import { routes, type HttpRoute } from '@souk/contracts';
import { z } from 'zod';
import examples from './api-examples.json' with { type: 'json' };

const recorded: Readonly<Record<string, Readonly<Record<string, unknown>>>> = examples;

test('every route has an example that fits its schemas; npm run examples records them anew', () => {
  for (const [name, { params, query, body, answer }] of Object.entries(routes) as [string, HttpRoute][]) {
    const item = typeof answer === 'object' && 'events' in answer ? answer.events : answer;
    for (const [part, schema] of Object.entries({ params, body, answer: item })) {
      if (!(schema instanceof z.ZodType)) continue;
      expect([name, part, schema.safeParse(recorded[name]?.[part]).error]).toEqual([name, part, undefined]);
    }
    if (query) expect([name, query.safeParse(recorded[name]?.['query'] ?? {}).error]).toEqual([name, undefined]);
  }
});
