import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ExportTraceServiceRequest } from './otlp-request.ts';

/** OTLP's numbers of the kinds of spans. */
const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** A span as it came. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly service: string;
  /** Which process of that service. */
  readonly instance: string;
  readonly kind: (typeof kinds)[number];
  readonly name: string;
  /** Keys of its attributes. */
  readonly attributes: readonly string[];
  readonly isError: boolean;
}

/** A collector of traces: takes OTLP over HTTP in JSON, refuses what is not of its definitions, and keeps the spans. */
export class OtlpReceiver {
  readonly #server: Server;
  readonly #spans: ReceivedSpan[] = [];
  readonly #refused: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#take(request).then((status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'));
    });
  }

  /** Listens on any free port of loopback. */
  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  /** What OTEL_EXPORTER_OTLP_ENDPOINT is set to. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What was refused, and why. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** The spans of the trace that a span with this name is in. */
  traceWith(name: string): readonly ReceivedSpan[] {
    const known = this.#spans.find((span) => span.name === name);
    return this.#spans.filter((span) => span.traceId === known?.traceId);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    const isOtlp = request.method === 'POST' && request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
    const parsed = ExportTraceServiceRequest.safeParse(isOtlp ? JSON.parse(body) : undefined);
    if (!parsed.success) {
      this.#refused.push(`${request.method} ${request.url}: ${parsed.error.message}`);
      return 400;
    }
    this.#spans.push(...spansOf(parsed.data));
    return 200;
  }
}

function spansOf({ resourceSpans }: ExportTraceServiceRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const said = (key: string): string => {
      const value = resource?.attributes?.find((one) => one.key === key)?.value;
      return value && 'stringValue' in value ? value.stringValue : '';
    };
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentId: span.parentSpanId,
        service: said('service.name'),
        instance: said('service.instance.id'),
        kind: kinds[span.kind] ?? 'unspecified',
        name: span.name,
        attributes: (span.attributes ?? []).map(({ key }) => key),
        isError: span.status?.code === 2,
      })),
    );
  });
}
