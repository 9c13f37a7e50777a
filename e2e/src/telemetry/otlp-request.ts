import { z } from 'zod';

/*
 * ExportTraceServiceRequest of opentelemetry-proto 1.x (collector/trace/v1, trace/v1, common/v1, resource/v1) in the JSON mapping of OTLP/HTTP:
 * names in lowerCamelCase, ids in hexadecimal, 64 bit integers as decimal strings, enums as numbers. A field that is none of theirs is refused.
 */
const count = z.int().min(0).max(4_294_967_295);
const nanoseconds = z.string().regex(/^\d{1,20}$/);
const traceId = z.string().regex(/^[0-9a-f]{32}$/);
const spanId = z.string().regex(/^[0-9a-f]{16}$/);
const AnyValue = z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ boolValue: z.boolean() }), z.strictObject({ intValue: z.union([z.int(), z.string().regex(/^-?\d+$/)]) }), z.strictObject({ doubleValue: z.number() })]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value: AnyValue }));
const Event = z.strictObject({ timeUnixNano: nanoseconds, name: z.string(), attributes: attributes.optional(), droppedAttributesCount: count.optional() });
const Link = z.strictObject({ traceId, spanId, traceState: z.string().optional(), attributes: attributes.optional(), droppedAttributesCount: count.optional(), flags: count.optional() });
const Span = z.strictObject({
  traceId,
  spanId,
  traceState: z.string().optional(),
  parentSpanId: spanId.optional(),
  flags: count.optional(),
  name: z.string().min(1),
  kind: z.int().min(0).max(5),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes: attributes.optional(),
  droppedAttributesCount: count.optional(),
  events: z.array(Event).optional(),
  droppedEventsCount: count.optional(),
  links: z.array(Link).optional(),
  droppedLinksCount: count.optional(),
  status: z.strictObject({ message: z.string().optional(), code: z.int().min(0).max(2).optional() }).optional(),
});
const Scope = z.strictObject({ name: z.string(), version: z.string().optional(), attributes: attributes.optional(), droppedAttributesCount: count.optional() });
const Resource = z.strictObject({ attributes: attributes.optional(), droppedAttributesCount: count.optional() });
const ScopeSpans = z.strictObject({ scope: Scope.optional(), spans: z.array(Span), schemaUrl: z.string().optional() });

/** What an exporter posts to `/v1/traces`. */
export const ExportTraceServiceRequest = z.strictObject({
  resourceSpans: z.array(z.strictObject({ resource: Resource.optional(), scopeSpans: z.array(ScopeSpans), schemaUrl: z.string().optional() })),
});
export type ExportTraceServiceRequest = z.infer<typeof ExportTraceServiceRequest>;
