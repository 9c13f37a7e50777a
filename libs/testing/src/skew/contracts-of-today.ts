import * as contracts from '@souk/contracts';
import { bodies, ErrorBody, errorTable, WireRecord } from '@souk/domain';
import { z } from 'zod';

type Contract = contracts.RequestContract | contracts.StreamContract | contracts.EventContract;

const isContract = (value: unknown): value is Contract => typeof value === 'object' && value !== null && 'subject' in value && 'type' in value;

function messages(): [string, z.ZodType][] {
  return Object.values<unknown>(contracts)
    .filter(isContract)
    .flatMap((one): [string, z.ZodType][] => {
      if (one.type === 'event') return [[`event ${one.subject}`, one.payload]];
      const answer = one.type === 'request' ? one.output : one.item;
      return [[`${one.type} ${one.subject} input`, one.input], [`${one.type} ${one.subject} answer`, answer]];
    });
}

function routes(): [string, z.ZodType][] {
  return Object.values(contracts.routes).flatMap((one: contracts.HttpRoute) => {
    const answer = typeof one.answer === 'object' && 'events' in one.answer ? one.answer.events : one.answer;
    return Object.entries({ params: one.params, query: one.query, body: one.body, answer }).flatMap(([part, schema]): [string, z.ZodType][] =>
      schema instanceof z.ZodType ? [[`${one.method} ${one.path} ${part}`, schema]] : [],
    );
  });
}

/** Everything that crosses a process today: what it is called, and the schema by which both sides read and write it. */
export function contractsOfToday(): ReadonlyMap<string, z.ZodType> {
  return new Map([
    ...messages(),
    ...routes(),
    [`frame ${contracts.protocols.sync}`, contracts.SyncFrame],
    [`frame ${contracts.protocols.push}`, contracts.PushFrame],
    [`frame ${contracts.protocols.blob}`, contracts.BlobFrame],
    [`frame ${contracts.protocols.lookup}`, contracts.LookupFrame],
    [`frame ${contracts.protocols.network}`, contracts.NetworkFrame],
    [`frame ${contracts.protocols.query}`, contracts.QueryFrame],
    [`gossip ${contracts.protocols.headsTopic}`, contracts.GossipMessage],
    ...Object.entries(bodies).map(([kind, schema]): [string, z.ZodType] => [`record ${kind}`, schema]),
    ['record', WireRecord],
    ['error', ErrorBody],
  ]);
}

/** What each error code means today: HTTP status, exit code, whether trying again helps. */
export const errorsOfToday: Readonly<Record<string, unknown>> = errorTable;
