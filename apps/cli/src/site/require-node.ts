import { SoukError } from '@souk/domain';

/** The oldest Node that opens a site's data: it brings SQLite along. */
const oldestNode = [22, 15] as const;

/** Whether a version of Node, as in 24.1.0, can run a site and open its data. */
export function runsSites(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

/** Throws RUNTIME_TOO_OLD when this Node can't; `what` begins the message, as in "A site needs". */
export function requireNode(version: string, what: string): void {
  if (runsSites(version)) return;
  throw new SoukError('RUNTIME_TOO_OLD', `${what} Node ${oldestNode.join('.')} or newer; this is ${version}.`, { hint: 'Install it by: npm i -g node@24. Most other commands work with this Node.' });
}
