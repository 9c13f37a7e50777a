import { createServer } from 'node:http';
import { routes } from './routes.js';

const json = (response, status, body) => {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  response.end(bytes);
};

/** Creates the service. `log` receives one object per request. */
export function createService({ log = (line) => console.log(JSON.stringify(line)) } = {}) {
  let stopping = false;

  const server = createServer(async (request, response) => {
    const start = performance.now();
    const { pathname } = new URL(request.url, 'http://localhost');
    response.on('finish', () => log({ method: request.method, path: pathname, status: response.statusCode, ms: Math.round(performance.now() - start) }));
    if (pathname === '/healthz') return json(response, 200, { status: 'ok' });
    if (pathname === '/readyz') return json(response, stopping ? 503 : 200, { status: stopping ? 'stopping' : 'ready' });
    const route = routes[`${request.method} ${pathname}`];
    if (!route) return json(response, 404, { error: `Nothing is at ${pathname}.` });
    try {
      json(response, 200, await route(request));
    } catch (error) {
      log({ error: error.stack });
      json(response, 500, { error: 'Something went wrong.' });
    }
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;

  return {
    /** Listens; resolves to the port. */
    listen: (port = 0, host = '127.0.0.1') => new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve(server.address().port))),
    /** Stops: no new requests, those in work may end within `graceMs`. */
    async stop(graceMs = 10_000) {
      stopping = true;
      const closed = new Promise((resolve) => server.close(resolve));
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      server.closeIdleConnections();
      await closed;
      clearTimeout(timer);
    },
  };
}
