import { SoukError } from '@souk/domain';
import { maxMessageBytes } from './contract.ts';
import { answersFrom, controlSubject, inboxOf, subjectFor } from './nats-subjects.ts';
import { serviceNames, traffic, type ServiceName, type Traffic } from './nats-traffic.ts';

/** Subjects that a NATS user may use; `subject group` means: only as a member of this queue group. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * What a service may do on NATS: publish what it calls and emits and answer its callers, subscribe to what it serves, as a member
 * of its own queue group only, to what it listens to, and to its own inbox. Everything else is refused by the server.
 *
 * NATS's own `allow_responses` is not used: it lets a service answer to whatever subject its caller names, so a caller could have
 * others publish where it may not itself; and its limit is one answer, which a stream is not.
 */
export function natsPermissions(service: ServiceName): NatsPermissions {
  const { serves, calls, listens, emits }: Traffic = traffic[service];
  const callers = serviceNames.filter((other) => traffic[other].calls.some((contract) => serves.some(({ subject }) => subject === contract.subject)));
  const everyOrdinal = ({ subject }: { subject: string }): string => subjectFor(subject, '*');
  return {
    publish: [
      ...calls.map(everyOrdinal).flatMap((subject) => [subject, controlSubject(subject)]),
      ...emits.map(everyOrdinal),
      ...callers.map((caller) => `${answersFrom(service, caller)}.>`),
    ],
    subscribe: [
      `${inboxOf(service)}.>`,
      ...serves.map(everyOrdinal).flatMap((subject) => [`${subject} ${service}`, controlSubject(subject)]),
      ...listens.map(everyOrdinal).flatMap((subject) => [subject, `${subject} ${service}`]),
    ],
  };
}

/** A user's password: itself or its bcrypt hash, or the environment variable of nats-server that holds one (which must begin with a letter or `$2`). */
export type NatsPassword = string | { readonly env: string };

const shortest = 16;
/** A client that hangs is given up after 30 s instead of NATS's 6 min, so that no requests are lost to it for longer. */
const patience = 'ping_interval: "10s"\nping_max: 2\nwrite_deadline: "5s"\n';

/**
 * The part of a nats-server's configuration that says who may connect and do what: one account, one user per service, named as
 * the service; Souk's limit per message; how long a client that hangs is waited for. Throws BAD_CONFIG for a password that is too
 * short or not of printable ASCII characters.
 */
export function natsServerConfig(passwords: Readonly<Record<ServiceName, NatsPassword>>): string {
  const users = serviceNames.map((service) => userBlock(service, passwords[service]));
  return `# Written from Souk's contracts: who may publish and hear what.\nmax_payload: ${maxMessageBytes}\n${patience}accounts {\n  SOUK {\n    users: [\n${users.join('')}    ]\n  }\n}\n`;
}

function userBlock(service: ServiceName, password: NatsPassword): string {
  const { publish, subscribe } = natsPermissions(service);
  const list = (subjects: readonly string[]): string => subjects.map((subject) => `              "${subject}"\n`).join('');
  return `      {
        user: "${service}"
        password: ${passwordToken(service, password)}
        permissions: {
          publish: {
            allow: [
${list(publish)}            ]
          }
          subscribe: {
            allow: [
${list(subscribe)}            ]
          }
        }
      }
`;
}

function passwordToken(service: ServiceName, password: NatsPassword): string {
  if (typeof password !== 'string') return `$${password.env}`;
  if (/^[\x20-\x7e]+$/.test(password) && password.length >= shortest) return `"${password.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  throw new SoukError('BAD_CONFIG', `The NATS password of ${service} cannot be used.`, { hint: `Choose ${shortest} or more printable ASCII characters.` });
}
