import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_AVAILABLE, type Answer, type DecodedPacket } from 'dns-packet';

/** What a test's DNS server knows of a name. */
export interface DnsNames {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly txt?: readonly string[];
}

const nxdomain = 3;

/** A DNS server on a port of loopback that the system chooses: real packets, and only what a test tells it. */
export class DnsServer implements AsyncDisposable {
  /** Names, in lower case, without a dot at the end. */
  readonly names = new Map<string, DnsNames>();
  /** Questions so far, as in `A souk.example`. */
  readonly questions: string[] = [];
  /** While it is silent, nobody gets an answer. */
  isSilent = false;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (message, { port, address }) => this.#answer(decode(message), (reply) => socket.send(reply, port, address)));
  }

  /** Starts a server. */
  static async start(names: Readonly<Record<string, DnsNames>> = {}): Promise<DnsServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const server = new DnsServer(socket);
    for (const [name, known] of Object.entries(names)) server.names.set(name, known);
    return server;
  }

  /** Where it is asked, as `HOST:PORT`. */
  get address(): string {
    const { address, port } = this.#socket.address() as AddressInfo;
    return `${address}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #answer({ id, questions = [] }: DecodedPacket, reply: (packet: Buffer) => void): void {
    const [question] = questions;
    if (!question) return;
    const { type } = question;
    const name = question.name.toLowerCase();
    this.questions.push(`${type} ${name}`);
    if (this.isSilent) return;
    const known = this.names.get(name);
    const values = (type === 'A' ? known?.a : type === 'AAAA' ? known?.aaaa : type === 'TXT' ? known?.txt : undefined) ?? [];
    const answers = values.map((data) => ({ type, name, ttl: 1, data }) as Answer);
    reply(encode({ type: 'response', id: id ?? 0, flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (known ? 0 : nxdomain), questions, answers }));
  }
}
