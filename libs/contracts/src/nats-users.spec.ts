import { expect, test } from '@jest/globals';
import { isServiceName, natsPermissions, natsServerConfig, serverOf, serviceNames, traffic, type ServiceName, type Traffic } from './index.ts';

const passwords = Object.fromEntries(serviceNames.map((name) => [name, { env: `PASSWORD_OF_${name.toUpperCase()}` }])) as Record<ServiceName, { env: string }>;
const rows = Object.entries(traffic) as [ServiceName, Traffic][];
const subjects = (contracts: readonly { subject: string }[]): string[] => contracts.map(({ subject }) => subject);

// A change here is a change of what a service that was broken into could do: read it as a reviewer of that change.
test('users and permissions', () => {
  expect(natsServerConfig(passwords)).toMatchSnapshot();
});

test('what is served carries the name of its service, once; what is called is served, what is heard is emitted', () => {
  const served = rows.flatMap(([, { serves }]) => subjects(serves));
  const emitted = rows.flatMap(([, { emits }]) => subjects(emits));
  expect(new Set(served).size).toBe(served.length);
  for (const [name, { serves, calls, listens, emits }] of rows) {
    expect(isServiceName(name)).toBe(true);
    expect(subjects(serves).filter((subject) => serverOf(subject) !== name)).toEqual([]);
    expect(subjects(calls).filter((subject) => !served.includes(subject))).toEqual([]);
    expect(subjects(listens).filter((subject) => !emitted.includes(subject))).toEqual([]);
    for (const list of [serves, calls, listens, emits]) expect(new Set(subjects(list)).size).toBe(list.length);
  }
});

test('nobody may do everything: no permission begins with a wildcard, inboxes are heard by their owner only', () => {
  const inboxes = serviceNames.flatMap((name) => natsPermissions(name).subscribe.filter((subject) => subject.startsWith('_INBOX')));
  expect(inboxes).toEqual(serviceNames.map((name) => `_INBOX_${name}.>`));
  for (const name of serviceNames) {
    const { publish, subscribe } = natsPermissions(name);
    expect([...publish, ...subscribe].filter((subject) => !/^(souk|_INBOX_[a-z]+)\./.test(subject))).toEqual([]);
  }
});

test.each(['', 'too short', 'sixteen or more \n', 'sechzehn Zeichen äöü'])('the password %j is refused', (password) => {
  expect(() => natsServerConfig({ ...passwords, peer: password })).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', message: 'The NATS password of peer cannot be used.' }));
});

test('a password stands in quotes', () => {
  expect(natsServerConfig({ ...passwords, peer: 'a "quoted" \\ and # one' })).toContain(String.raw`password: "a \"quoted\" \\ and # one"`);
});
