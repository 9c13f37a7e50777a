import { afterAll, beforeAll, expect } from '@jest/globals';
import { answersFrom, controlSubject, inboxOf, serviceNames, subjectFor, traffic, type ServiceName, type Traffic } from '@souk/contracts';
import { natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { Intruder, knowsServices, serviceLink } from './testing/users.ts';
import { nextMessage } from './testing/link.ts';

let server: NatsServer;

beforeAll(async () => {
  if (natsProgram() !== undefined) server = await NatsServer.start(knowsServices);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const rows = Object.entries(traffic) as [ServiceName, Traffic][];
const others = (name: ServiceName): ServiceName[] => serviceNames.filter((other) => other !== name);
const subjects = (contracts: readonly { subject: string }[], ordinal = 0): string[] => contracts.map(({ subject }) => subjectFor(subject, ordinal));
const served = rows.flatMap(([, { serves }]) => [...subjects(serves), ...subjects(serves, 7)]);
const emitted = rows.flatMap(([, { emits }]) => subjects(emits));
/** Places where no service has any business. */
const elsewhere = ['souk', 'souk.new.v1.thing', 'souk.event.v1.new', '_INBOX.a', '_INBOX_new.peer.a.1', '$SYS.REQ.SERVER.PING', '$JS.API.INFO', '_R_.a', 'other'];
const inboxes = serviceNames.flatMap((owner) => serviceNames.map((writer) => `${answersFrom(writer, owner)}.id.1`));
const everySubject = [...new Set([...served, ...served.map(controlSubject), ...emitted, ...elsewhere, ...inboxes])];

/** What the table of traffic lets a service publish, said once more in other words than the generator's. */
function mayPublish(name: ServiceName, subject: string): boolean {
  const { calls, emits, serves }: Traffic = traffic[name];
  const called = [...subjects(calls), ...subjects(calls, 7)];
  const isAnswer = rows.some(([caller, row]) => subject === `_INBOX_${caller}.${name}.id.1` && row.calls.some((one) => serves.some((own) => own.subject === one.subject)));
  return called.includes(subject) || called.includes(subject.replace(/\.control$/, '')) || subjects(emits).includes(subject) || isAnswer;
}

function mayHear(name: ServiceName, subject: string, queue: string | undefined): boolean {
  const { serves, listens }: Traffic = traffic[name];
  const own = [...subjects(serves), ...subjects(serves, 7)];
  if (subject.startsWith(`_INBOX_${name}.`)) return true;
  if (own.includes(subject)) return queue === name;
  if (subjects(listens).includes(subject)) return queue === undefined || queue === name;
  return subject.endsWith('.control') && own.includes(subject.slice(0, -'.control'.length));
}

for (const name of serviceNames) {
  natsTest(`${name} may publish what it calls, emits and answers, and is refused every other subject`, async () => {
    await using intruder = await Intruder.as(server.port, name);
    for (const subject of everySubject) intruder.client.publish(subject, 'x');
    const expected = everySubject.filter((subject) => !mayPublish(name, subject)).map((subject) => `publish ${subject}`);
    expect((await intruder.refused()).toSorted()).toEqual(expected.toSorted());
    expect(expected.length).toBeGreaterThan(40);
  });

  natsTest(`${name} may hear what it serves, as a member of its own group, what it listens to and its inbox, and is refused everything else`, async () => {
    await using intruder = await Intruder.as(server.port, name);
    for (const queue of [undefined, name, ...others(name), 'new', '*']) {
      for (const subject of everySubject) intruder.client.subscribe(subject, { ...(queue === undefined ? {} : { queue }), callback: () => {} });
      const expected = everySubject.filter((subject) => !mayHear(name, subject, queue)).map((subject) => `subscribe ${subject}${queue === undefined ? '' : ` as ${queue}`}`);
      expect((await intruder.refused()).toSorted()).toEqual(expected.toSorted());
    }
  });

  natsTest(`${name} is refused every wildcard that is wider than its own subjects`, async () => {
    await using intruder = await Intruder.as(server.port, name);
    const wide = ['>', '*', '*.>', '_INBOX_*.>', 'souk.>', 'souk.*.v1.*', 'souk.event.>', 'souk.event.v1.*', 'souk.*.*.v1.append', ...others(name).flatMap((other) => [`${inboxOf(other)}.>`, `${inboxOf(other)}.*.*.*`, `souk.${other}.>`])];
    for (const subject of wide) intruder.client.subscribe(subject, { callback: () => {} });
    expect((await intruder.refused()).toSorted()).toEqual(wide.map((subject) => `subscribe ${subject}`).toSorted());
  });

  natsTest(`${name} hears every event and request that is meant for it, from whoever may send it`, async () => {
    const { serves, listens }: Traffic = traffic[name];
    await using own = await serviceLink(server.port, name);
    for (const [sender, { calls, emits }] of rows) {
      await using sending = await serviceLink(server.port, sender);
      const both = [...listens.filter((one) => emits.includes(one)), ...serves.filter((one) => calls.includes(one))];
      for (const subject of subjects(both)) {
        const isEvent = emitted.includes(subject);
        const message = nextMessage(own.connection, subject, isEvent ? undefined : name);
        await own.connection.flush();
        sending.connection.publish(subject, new Uint8Array(), isEvent ? {} : { reply: `${answersFrom(name, sender)}.id.1` });
        const { reply } = await message;
        if (reply === undefined) continue;
        const answer = nextMessage(sending.connection, reply);
        await sending.connection.flush();
        own.connection.publish(reply, new Uint8Array());
        expect((await answer).subject).toBe(reply);
      }
      expect(sending.states).toEqual(['connected']);
    }
    expect(own.states).toEqual(['connected']);
  });
}
