import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports that no operating system gives to outgoing connections, so that a stopped site finds its own free again. */
const range = { from: 12_000, size: 18_000 };

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = range.from + Math.floor(Math.random() * range.size);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
