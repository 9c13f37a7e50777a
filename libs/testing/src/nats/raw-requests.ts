import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const subject = 'raw.echo';

/** Requests over NATS by nothing but its client library: what Souk's own requests are compared with. */
export interface RawRequests {
  /** Sends bytes to the responder and waits for them to come back. */
  request(bytes: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

const open = (url: string): Promise<NatsConnection> => connect({ servers: url, noAsyncTraces: true });

/** Answers every request with its own bytes; resolves when the server knows of it. For a process of its own. */
export async function answerRawRequests(url: string): Promise<void> {
  const connection = await open(url);
  connection.subscribe(subject, { callback: (_error, message) => void message.respond(message.data) });
  await connection.flush();
}

/** Connects to a server, with a responder in another process as the services of a site are. */
export async function rawRequests(url: string): Promise<RawRequests> {
  // Whatever ends this process closes the pipe, and with it the responder.
  const program = `const { answerRawRequests } = await import(${JSON.stringify(import.meta.url)}); await answerRawRequests(${JSON.stringify(url)}); process.stdin.on('end', () => process.exit(0)).resume(); process.stdout.write('ready');`;
  const responder = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(responder, 'exit');
  await Promise.race([once(responder.stdout, 'data'), ended.then(() => Promise.reject(new Error('the responder ended')))]);
  ended.catch(() => undefined);
  const connection = await open(url);
  return {
    request: async (bytes) => (await connection.request(subject, bytes, { timeout: 2000 })).data,
    close: async () => {
      await connection.close();
      responder.stdin.end();
      await ended;
    },
  };
}
