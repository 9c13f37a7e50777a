import { afterAll, beforeAll, expect } from '@jest/globals';
import { answersFrom, headMoved, makeInvite, readChanges, readSelf, scoresChanged, searchPackages, subjectFor, suggest } from '@souk/contracts';
import { natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { silentLog } from '../../log/log.ts';
import { Calls } from '../../rpc/calls.ts';
import { Rpc } from '../../rpc/rpc.ts';
import type { Message } from '../connection.ts';
import { Intruder, knowsServices, serviceLink } from './testing/users.ts';
import { link, nextMessage, type Link } from './testing/link.ts';

let guarded: NatsServer;
let open: NatsServer;

beforeAll(async () => {
  if (natsProgram() === undefined) return;
  guarded = await NatsServer.start(knowsServices);
  open = await NatsServer.start();
});
afterAll(async () => {
  await guarded?.[Symbol.asyncDispose]();
  await open?.[Symbol.asyncDispose]();
});

const invite = subjectFor(makeInvite.subject);
const secret = { invite: 'souk1_secret' };
const answered = { headers: { 'souk-kind': 'value' } };
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A gateway that asks the peer for an invite, and a peer that answers when told to. */
async function scene(server: NatsServer): Promise<AsyncDisposable & { ask: () => Promise<unknown>; asked: Promise<Message>; answer: () => Promise<void>; gateway: Link }> {
  const gateway = await serviceLink(server.port, 'gateway');
  const peer = await serviceLink(server.port, 'peer');
  const calls = new Calls(gateway.connection);
  const rpc = new Rpc(calls, silentLog, () => {});
  const asked = nextMessage(peer.connection, invite, 'peer');
  await peer.connection.flush();
  const answer = async (): Promise<void> => {
    peer.connection.publish((await asked).reply ?? '', json(secret), answered);
    await peer.connection.flush();
  };
  const dispose = async (): Promise<void> => {
    calls.close();
    await gateway[Symbol.asyncDispose]();
    await peer[Symbol.asyncDispose]();
  };
  return { ask: () => rpc.call(makeInvite, {}), asked, answer, gateway, [Symbol.asyncDispose]: dispose };
}

/** Each attack says what it achieved; `nothing` is what it must achieve where services have users. */
const attacks: Record<string, (server: NatsServer) => Promise<string>> = {
  'another service reads the answers that are meant for the gateway': async (server) => {
    await using victim = await scene(server);
    await using intruder = await Intruder.as(server.port, 'search');
    const seen: string[] = [];
    for (const subject of ['_INBOX_gateway.>', '>']) intruder.client.subscribe(subject, { callback: (error, message) => void (error ?? seen.push(message.string())) });
    await intruder.client.flush();
    const call = victim.ask();
    await victim.answer();
    expect(await call).toEqual(secret);
    await intruder.client.flush();
    return seen.some((text) => text.includes(secret.invite)) ? 'read the secret' : 'nothing';
  },
  'another service answers in the place of the peer, and even knows where': async (server) => {
    await using victim = await scene(server);
    await using intruder = await Intruder.as(server.port, 'search');
    const call = victim.ask();
    intruder.client.publish((await victim.asked).reply ?? '', json({ invite: 'souk1_forged' }));
    await intruder.client.flush();
    await victim.answer();
    return JSON.stringify(await call).includes('forged') ? 'forged an answer' : 'nothing';
  },
  'another service joins the group of the peer and gets its requests': async (server) => {
    await using victim = await scene(server);
    await using intruder = await Intruder.as(server.port, 'search');
    let stolen = 0;
    for (const queue of [undefined, 'peer', 'search']) intruder.client.subscribe(invite, { ...(queue === undefined ? {} : { queue }), callback: (error) => void (stolen += error ? 0 : 1) });
    await intruder.client.flush();
    for (let n = 0; n < 32; n += 1) victim.gateway.connection.publish(invite, json({}), { reply: `${answersFrom('peer', 'gateway')}.id.${n}` });
    await victim.gateway.connection.flush();
    await intruder.client.flush();
    return stolen > 0 ? 'heard requests' : 'nothing';
  },
  'another service cancels the calls of the gateway': async (server) => {
    await using victim = await scene(server);
    await using intruder = await Intruder.as(server.port, 'search');
    await using peer = await serviceLink(server.port, 'peer');
    let controls = 0;
    peer.connection.subscribe(`${invite}.control`, {}, () => (controls += 1));
    await peer.connection.flush();
    intruder.client.publish(`${invite}.control`, 'x');
    await intruder.client.flush();
    await peer.connection.flush();
    expect(victim.gateway.states).toEqual(['connected']);
    return controls > 0 ? 'reached the peer' : 'nothing';
  },
  'the install service tells everybody that heads moved, and scores': async (server) => {
    await using search = await serviceLink(server.port, 'search');
    await using intruder = await Intruder.as(server.port, 'install');
    let heard = 0;
    search.connection.subscribe(headMoved.subject, {}, () => (heard += 1));
    await search.connection.flush();
    for (const { subject } of [headMoved, scoresChanged]) intruder.client.publish(subject, json({ ordinal: 0, arrival: 1 }));
    await intruder.client.flush();
    await search.connection.flush();
    return heard > 0 ? 'was believed' : 'nothing';
  },
  'the gateway has the search service publish for it, by naming another subject for the answer': async (server) => {
    await using reputation = await serviceLink(server.port, 'reputation');
    await using search = await serviceLink(server.port, 'search');
    await using intruder = await Intruder.as(server.port, 'gateway');
    let heard = 0;
    const target = answersFrom('peer', 'reputation');
    reputation.connection.subscribe(`${target}.id.1`, {}, () => (heard += 1));
    // A service that answers without looking where.
    search.connection.subscribe(suggest.subject, { queue: 'search' }, ({ reply }) => search.connection.publish(reply ?? '', json({})));
    await Promise.all([reputation.connection.flush(), search.connection.flush()]);
    intruder.client.publish(suggest.subject, '{}', { reply: `${target}.id.1` });
    await intruder.client.flush();
    for (let turn = 0; turn < 3; turn += 1) await Promise.all([search.connection.flush(), reputation.connection.flush()]);
    return heard > 0 ? 'had its way' : 'nothing';
  },
};

for (const [title, attack] of Object.entries(attacks)) {
  natsTest(`${title}: works where there are no users, and achieves nothing where there are`, async () => {
    expect(await attack(open)).not.toBe('nothing');
    expect(await attack(guarded)).toBe('nothing');
  });
}

natsTest("the last one would work with NATS's own allow_responses, which is why it is not used", async () => {
  const config = knowsServices.config.replaceAll('permissions: {', 'permissions: {\n allow_responses: true');
  await using lenient = await NatsServer.start({ ...knowsServices, config });
  expect(await Object.values(attacks).at(-1)?.(lenient)).toBe('had its way');
});

natsTest('nobody connects without a user, or as somebody else', async () => {
  for (const login of [{}, { user: 'peer', password: 'guessed' }, { user: 'admin', password: 'admin' }]) {
    await expect(link(guarded.port, { name: 'gateway', ...login })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  }
});

natsTest('a call that its service may not make is FORBIDDEN, at once and with what to do', async () => {
  await using search = await serviceLink(guarded.port, 'search');
  const calls = new Calls(search.connection);
  const rpc = new Rpc(calls, silentLog, () => {});
  const message = (subject: string): unknown => expect.objectContaining({ code: 'FORBIDDEN', message: `NATS does not let user search send to ${subject}.`, hint: expect.stringContaining('configuration of the NATS server') });
  await expect(rpc.call(readSelf, {}, { timeoutMs: 600_000 })).rejects.toEqual(message(subjectFor(readSelf.subject)));
  await expect(rpc.stream({ ...readSelf, type: 'stream', item: readSelf.output }, {}, { timeoutMs: 600_000 }).next()).rejects.toEqual(message(subjectFor(readSelf.subject)));
  await expect(rpc.call(searchPackages, {})).rejects.toEqual(message(searchPackages.subject));
  await expect(rpc.call(readChanges, { after: 0, limit: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'Nobody answers souk.peer.0.v1.changes.' });
  calls.close();
});

natsTest('a service whose subscription is refused is not ready, and says that the users are of another version', async () => {
  await using search = await serviceLink(guarded.port, 'search');
  search.connection.subscribe('souk.search.v2.query', { queue: 'search' }, () => {});
  await search.state(/^NATS does not let user search listen to souk\.search\.v2\.query: its users are of another version$/);
});
