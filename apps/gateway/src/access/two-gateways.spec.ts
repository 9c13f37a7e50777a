import { afterEach, expect, test } from '@jest/globals';
import { routes, siteMoved, type HttpRoute, type NewToken } from '@souk/contracts';
import { formatToken, type Scope } from '@souk/domain';
import { bootstrap, InProcessBroker, loadConfig, Readiness, silentLog, type RunningService } from '@souk/nest';
import { gatewayConfig, gatewayHttp, GatewayModule } from '../gateway.module.ts';
import { SitePeer, SitePeerModule } from '../testing/site-peer.ts';

const running: RunningService[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close();
});

/** Loses every word about the site log. */
class DeafBroker extends InProcessBroker {
  override connect(options: Parameters<InProcessBroker['connect']>[0]): ReturnType<InProcessBroker['connect']> {
    const connection = super.connect(options);
    const publish = connection.publish.bind(connection);
    connection.publish = (subject, ...rest) => (subject === siteMoved.subject ? undefined : publish(subject, ...rest)) as never;
    return connection;
  }
}

interface Called {
  readonly status: number;
  readonly code?: string;
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- answers of any route
}

/** Asks again until it is so; each question is a call over HTTP, and the test's own timeout ends a vain wait. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

class Gateways {
  readonly urls: string[] = [];
  readonly peer = new SitePeer();

  static async start({ count = 1, broker = new InProcessBroker(), env = {} }: { count?: number; broker?: InProcessBroker; env?: Record<string, string> } = {}): Promise<Gateways> {
    const all = new Gateways();
    const shared = { transport: { type: 'in-process' as const, broker }, log: silentLog };
    running.push(await bootstrap(SitePeerModule.with(all.peer), { ...shared, name: 'peer' }));
    for (let n = 0; n < count; n += 1) {
      const config = loadConfig(gatewayConfig, { SOUK_PORT: '0', SOUK_SITE_SECRET: 'a secret of the site', ...env });
      const gateway = await bootstrap(GatewayModule.with(config), { ...shared, name: 'gateway', http: gatewayHttp(config) });
      await gateway.app.get(Readiness).whenReady();
      running.push(gateway);
      all.urls.push(gateway.url);
    }
    return all;
  }

  async call(method: string, path: string, token?: string, body?: unknown, at = 0): Promise<Called> {
    const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(this.urls[at] + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const answer = (await response.json().catch(() => ({}))) as { code?: string };
    return { status: response.status, body: answer, ...(answer.code ? { code: answer.code } : {}) };
  }

  /** Makes the first account; its token. */
  async close(): Promise<string> {
    return (await this.call('PUT', '/v1/accounts/root', undefined, { role: 'admin' })).body.token.token as string;
  }

  async tokenFor(admin: string, account: string, role: string, scopes: Scope[]): Promise<NewToken> {
    await this.call('PUT', `/v1/accounts/${account}`, admin, { role });
    return (await this.call('POST', '/v1/tokens', admin, { account, scopes })).body as NewToken;
  }
}

test.each<[string, () => InProcessBroker]>([
  ['by the word of the peer', () => new InProcessBroker()],
  ['also when every word of the peer is lost', () => new DeafBroker()],
])('a revoked token is refused by every gateway, %s', async (_how, broker) => {
  const site = await Gateways.start({ count: 2, broker: broker() });
  const admin = await site.close();
  const { token, id } = await site.tokenFor(admin, 'ada', 'reader', ['read']);
  for (const at of [0, 1]) await eventually(async () => (await site.call('GET', '/v1/caller', token, undefined, at)).status === 200);
  expect((await site.call('DELETE', `/v1/tokens/${id}`, admin)).body).toMatchObject({ id, revoked: true, scopes: [] });
  expect(await site.call('GET', '/v1/caller', token)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
  await eventually(async () => (await site.call('GET', '/v1/caller', token, undefined, 1)).status === 401);
});

test('the first account closes the site, must be an admin, and comes with the token to go on with; it is shown once and kept by nobody', async () => {
  const site = await Gateways.start();
  expect((await site.call('GET', '/v1/caller')).body).toEqual({ as: 'anyone', scopes: ['read', 'publish', 'admin'] });
  expect(await site.call('PUT', '/v1/accounts/ada', undefined, { role: 'reader' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  const admin = await site.close();
  expect(await site.call('GET', '/v1/accounts')).toMatchObject({ status: 401 });
  expect((await site.call('GET', '/v1/caller', admin)).body).toMatchObject({ as: 'account', account: 'root', scopes: ['read', 'publish', 'admin'] });
  const listed = JSON.stringify((await site.call('GET', '/v1/tokens', admin)).body);
  expect([listed.includes('first token'), listed.includes(admin), JSON.stringify(site.peer.records).includes(admin)]).toEqual([true, false, false]);
});

test('every route says which scope it needs, and is refused without a token and with every other scope; joining alone asks for none', async () => {
  const site = await Gateways.start();
  const admin = await site.close();
  const by: Record<string, string> = {};
  for (const scope of ['read', 'publish', 'admin'] as const) by[scope] = (await site.tokenFor(admin, 'all', 'admin', [scope])).token;
  const values: Record<string, string> = { cid: 'bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', id: 'x', name: 'kit', version: '1.0.0' };
  const all = Object.values(routes) as HttpRoute[];
  expect(all.filter((route) => route.scope === 'none').map((route) => route.path)).toEqual(['/v1/network/joins']);
  expect(await site.call('POST', '/v1/network/joins')).toMatchObject({ status: 400 });
  for (const route of all.filter((one) => one.scope !== 'none')) {
    expect([route.path, ['any', 'read', 'publish', 'admin'].includes(route.scope)]).toEqual([route.path, true]);
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'x');
    expect([route.method, path, (await site.call(route.method, path)).status]).toEqual([route.method, path, 401]);
    for (const [scope, token] of Object.entries(by)) {
      if (route.scope === 'any') continue;
      const { status } = await site.call(route.method, path, token);
      expect([route.method, path, scope, status === 403]).toEqual([route.method, path, scope, scope !== route.scope]);
    }
  }
});

test('no spelling of a path or method gets around the guard', async () => {
  const site = await Gateways.start();
  const admin = await site.close();
  const { token } = await site.tokenFor(admin, 'ada', 'reader', ['read']);
  for (const path of ['/v1/tokens', '/v1/tokens/', '//v1/tokens', '/V1/tokens', '/v1/%74okens', '/v1/./tokens', '/v1/x/../tokens', '/v1/tokens?x=1', '/v1/tokens;a', '/v1//tokens']) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status } = await site.call(method, path, token);
      expect([method, path, status >= 400 && status !== 500]).toEqual([method, path, true]);
    }
  }
  expect((await site.call('GET', '/v1/tokens', admin)).status).toBe(200);
});

test('who has a token gets no more by it: not for others, not beyond the role, not by forging one', async () => {
  const site = await Gateways.start();
  const admin = await site.close();
  const ada = await site.tokenFor(admin, 'ada', 'publisher', ['read', 'publish']);
  await site.tokenFor(admin, 'ben', 'reader', ['read']);
  expect(await site.call('POST', '/v1/tokens', ada.token, { account: 'ada', scopes: ['admin'] })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(await site.call('POST', '/v1/tokens', ada.token, { account: 'ben', scopes: ['read'] })).toMatchObject({ status: 403 });
  expect(await site.call('PUT', '/v1/accounts/ada', ada.token, { role: 'admin' })).toMatchObject({ status: 403 });
  expect(await site.call('POST', '/v1/tokens', admin, { account: 'ben', scopes: ['publish'] })).toMatchObject({ status: 403, code: 'FORBIDDEN', body: { details: { account: 'ben', beyond: ['publish'] } } });
  expect(await site.call('GET', '/v1/caller', formatToken(new Uint8Array(32).fill(1)))).toMatchObject({ status: 401 });
  await site.call('PUT', '/v1/accounts/ada', admin, { role: 'none' });
  expect(await site.call('GET', '/v1/caller', ada.token)).toMatchObject({ status: 401 });
});

test('whoever holds a token can end that one, whatever it may do, and no other', async () => {
  const site = await Gateways.start();
  const admin = await site.close();
  const [ada, ben] = [await site.tokenFor(admin, 'ada', 'reader', ['read']), await site.tokenFor(admin, 'ben', 'reader', ['read'])];
  expect(await site.call('DELETE', `/v1/tokens/${ben.id}`, ada.token)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(await site.call('DELETE', `/v1/tokens/${ada.id}`)).toMatchObject({ status: 401 });
  expect(await site.call('DELETE', `/v1/tokens/${ada.id}`, ada.token)).toMatchObject({ status: 200, body: { id: ada.id, revoked: true } });
  expect(await site.call('GET', '/v1/caller', ada.token)).toMatchObject({ status: 401 });
  expect(await site.call('GET', '/v1/caller', ben.token)).toMatchObject({ status: 200 });
});

test('failed authentications are limited by address; a right token is let in all the same', async () => {
  const site = await Gateways.start();
  const admin = await site.close();
  const codes = new Set<string | undefined>();
  for (let n = 0; n < 70; n += 1) codes.add((await site.call('GET', '/v1/caller', 'wrong')).code);
  expect([...codes]).toEqual(['UNAUTHORIZED', 'RATE_LIMITED']);
  expect((await site.call('GET', '/v1/caller', admin)).status).toBe(200);
});
