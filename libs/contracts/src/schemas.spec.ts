import { expect, test } from '@jest/globals';
import { bodies, ErrorBody, errorTable, WireRecord } from '@souk/domain';
import { z } from 'zod';
import * as contracts from './index.ts';
import type { EventContract, RequestContract, StreamContract } from './contract.ts';

type Contract = RequestContract | StreamContract | EventContract;

const isContract = (value: unknown): value is Contract => typeof value === 'object' && value !== null && 'subject' in value && 'type' in value;
const json = (schema: z.ZodType, io: 'input' | 'output'): unknown => z.toJSONSchema(schema, { io, unrepresentable: 'any' });

function messages(): Record<string, unknown> {
  const found = Object.values<unknown>(contracts).filter(isContract);
  return Object.fromEntries(
    found.map((one) => {
      if (one.type === 'event') return [one.subject, { payload: json(one.payload, 'input') }];
      const answer = one.type === 'request' ? one.output : one.item;
      return [one.subject, { type: one.type, input: json(one.input, 'input'), answer: json(answer, 'output') }];
    }),
  );
}

const schemaOf = (value: unknown, io: 'input' | 'output'): unknown => (value instanceof z.ZodType ? json(value, io) : value);

// A change here is a change of what others rely on: read it as a reviewer of that change, then update with `npm run jest -- libs/contracts -u`.
test('messages inside a site', () => {
  expect(messages()).toMatchSnapshot();
});

test('HTTP routes', () => {
  const routes = Object.values(contracts.routes).map((one: contracts.HttpRoute) => {
    const answer = typeof one.answer === 'object' && 'events' in one.answer ? { events: json(one.answer.events, 'output') } : schemaOf(one.answer, 'output');
    return [`${one.method} ${one.path}`, { params: schemaOf(one.params, 'input'), query: schemaOf(one.query, 'input'), body: schemaOf(one.body, 'input'), answer }];
  });
  expect(Object.fromEntries(routes)).toMatchSnapshot();
});

test('frames between peers', () => {
  expect({ protocols: contracts.protocols, sync: json(contracts.SyncFrame, 'input'), push: json(contracts.PushFrame, 'input'), blob: json(contracts.BlobFrame, 'input'), lookup: json(contracts.LookupFrame, 'input'), network: json(contracts.NetworkFrame, 'input'), query: json(contracts.QueryFrame, 'input'), gossip: json(contracts.GossipMessage, 'input') }).toMatchSnapshot();
});

test('records and errors', () => {
  const kinds = Object.fromEntries(Object.entries(bodies).map(([kind, schema]) => [kind, json(schema, 'input')]));
  expect({ kinds, record: json(WireRecord, 'input'), error: json(ErrorBody, 'input'), errors: errorTable }).toMatchSnapshot();
});

test('no two contracts share a subject', () => {
  const subjects = Object.values<unknown>(contracts).filter(isContract).map((one) => one.subject);
  expect(new Set(subjects).size).toBe(subjects.length);
});
