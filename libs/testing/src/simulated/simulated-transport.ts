import { setTimeout as after } from 'node:timers/promises';
import type { CreateListenerOptions, DialTransportOptions, Listener, MultiaddrConnection, StreamMessageEvent, Transport, Upgrader } from '@libp2p/interface';
import { Uint8ArrayList } from 'uint8arraylist';
import { SimulatedConnection } from './simulated-connection.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

/** How long a new connection may take to say whose it is. */
const nameMs = 10_000;

/** The transport with its connections sent through a simulated network, as the node `self`. */
export function simulatedTransport(transport: Transport, self: string, network: SimulatedNetwork): Transport {
  const dial: Transport['dial'] = async (address, options) => {
    const other = network.at(address.toString());
    if (other === undefined) throw new Error(`no node of the simulated network listens at ${address.toString()}`);
    await handshake(self, other, network, options.signal);
    return transport.dial(address, { ...options, upgrader: outbound(options, { self, other }, network) });
  };
  const createListener: Transport['createListener'] = (options) => {
    const listener: Listener = transport.createListener({ ...options, upgrader: inbound(options, self, network) });
    listener.addEventListener('listening', () => {
      for (const address of listener.getAddrs()) network.listens(self, address.toString());
    });
    return listener;
  };
  return replaced(transport, { dial, createListener });
}

/** Waits as long as the two packets of a TCP handshake take. Throws what the signal says. */
async function handshake(self: string, other: string, network: SimulatedNetwork, signal: AbortSignal): Promise<void> {
  for (const [from, to] of [[self, other], [other, self]] as const) {
    await network.whenOpen(from, to, signal);
    const now = performance.now();
    await after(network.way(from, to).arrivalOf(0, now) - now, undefined, { signal });
    await network.whenOpen(from, to, signal);
  }
}

/** The caller says its name first: the address that it comes from tells nobody who it is. */
function outbound({ upgrader }: DialTransportOptions, ends: { readonly self: string; readonly other: string }, network: SimulatedNetwork): Upgrader {
  const upgradeOutbound = (inner: MultiaddrConnection, options: Parameters<Upgrader['upgradeOutbound']>[1]): ReturnType<Upgrader['upgradeOutbound']> => {
    const name = new TextEncoder().encode(ends.self);
    inner.send(new Uint8ArrayList(Uint8Array.of(name.length), name));
    return upgrader.upgradeOutbound(new SimulatedConnection(inner, ends, network), options as never);
  };
  return replaced(upgrader, { upgradeOutbound });
}

function inbound({ upgrader }: CreateListenerOptions, self: string, network: SimulatedNetwork): Upgrader {
  const upgradeInbound = async (inner: MultiaddrConnection, options: Parameters<Upgrader['upgradeInbound']>[1]): Promise<void> => {
    const { other, rest } = await nameOf(inner);
    const connection = new SimulatedConnection(inner, { self, other }, network);
    connection.onData(rest);
    await upgrader.upgradeInbound(connection, options as never);
  };
  return replaced(upgrader, { upgradeInbound });
}

async function nameOf(inner: MultiaddrConnection): Promise<{ other: string; rest: Uint8ArrayList }> {
  const received = new Uint8ArrayList();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (): void => reject(new Error('a connection said not whose it is'));
  const onMessage = (event: StreamMessageEvent): void => {
    received.append(event.data);
    if (received.byteLength > received.get(0)) {
      inner.removeEventListener('message', onMessage);
      resolve();
    }
  };
  const timer = setTimeout(fail, nameMs);
  inner.addEventListener('message', onMessage);
  inner.addEventListener('close', fail);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    inner.removeEventListener('close', fail);
  }
  const length = 1 + received.get(0);
  return { other: new TextDecoder().decode(received.slice(1, length)), rest: received.sublist(length) };
}

/** The same object with some members of its own: everything else stays bound to it, because private members are found there only. */
function replaced<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get: (_target, key) => {
      if (key in members) return Reflect.get(members, key) as unknown;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
