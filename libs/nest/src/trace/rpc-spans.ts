import type { SpanFacts } from './spans.ts';

/** The span of a call between services, at one of its sides. Named by the contract, with `{ordinal}` for the peer that it means. */
export function callSpan(kind: 'client' | 'server', contract: string): SpanFacts {
  return { name: contract, kind, attributes: { 'rpc.system': 'souk', 'rpc.method': contract } };
}

/** The span of an event: of being told, or of being heard by one service. */
export function eventSpan(kind: 'producer' | 'consumer', contract: string): SpanFacts {
  const operation = kind === 'producer' ? 'send' : 'process';
  return { name: `${operation} ${contract}`, kind, attributes: { 'messaging.system': 'souk', 'messaging.destination.name': contract, 'messaging.operation.type': operation } };
}
