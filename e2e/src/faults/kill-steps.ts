import type { Fault, Meant } from './interposer/control.ts';

/** Where a process is when it is killed: it takes a publish, or so many that its write-ahead log is full, it starts, or it hears of what was published elsewhere. */
export type Situation = 'publish' | 'checkpoint' | 'start' | 'follower';

/** A moment at which a process is killed. */
export interface KillStep {
  /** The part of a publish and what happens, e.g. `blob: after fsync`. */
  readonly name: string;
  readonly fault: Fault;
  /** Up to how many such moments go by before; which one is drawn. */
  readonly upTo: number;
  readonly situation: Situation;
}

type Kill = 'kill before' | 'kill within' | 'kill after';

interface Rest {
  readonly upTo?: number;
  readonly situation?: Situation;
  readonly trigger?: Meant;
}

const around: readonly Kill[] = ['kill before', 'kill after'];
const throughout: readonly Kill[] = ['kill before', 'kill within', 'kill after'];

function steps(part: string, what: string, meant: Meant, kills: readonly Kill[], { upTo = 3, situation = 'publish', trigger }: Rest = {}): KillStep[] {
  return kills.map((action) => ({ name: `${part}: ${action.replace('kill ', '')} ${what}`, fault: { ...meant, action, ...(trigger ? { trigger } : {}) }, upTo, situation }));
}

const wal = 'logs.db-wal';
/** A record is on disk: what is sent to other peers from then on may tell of it. */
const recorded: Meant = { calls: ['sync'], where: wal };

/** Every step of a publish, of the start after a crash, and of a peer that hears of somebody else's publish. */
export const killSteps: readonly KillStep[] = [
  ...steps('blob', 'its file is made', { calls: ['create'], where: 'drafts/' }, around),
  ...steps('blob', 'a write', { calls: ['write'], where: 'drafts/' }, throughout),
  ...steps('blob', 'fsync', { calls: ['sync'], where: 'drafts/' }, around),
  ...steps('blob', 'its folder is made', { calls: ['mkdir'], where: 'blobs/' }, around),
  ...steps('blob', "fsync of its folder's name", { calls: ['sync folder'], where: '=blobs' }, around),
  ...steps('blob', 'it gets its name', { calls: ['rename'], where: 'blobs/' }, around),
  ...steps('blob', 'fsync of its name', { calls: ['sync folder'], where: 'blobs/' }, around),
  ...steps('blob', 'the ledger is written', { calls: ['write'], where: 'blobs.db-wal' }, throughout),
  ...steps('blobs together', 'the journal is written', { calls: ['write'], where: 'batches/' }, throughout, { upTo: 1 }),
  ...steps('blobs together', 'fsync of the journal', { calls: ['sync'], where: 'batches/' }, around, { upTo: 1 }),
  ...steps('blobs together', "fsync of the journal's name", { calls: ['sync folder'], where: '=batches' }, around, { upTo: 1 }),
  ...steps('blobs together', 'the journal is done with', { calls: ['rename'], where: '.placed' }, around, { upTo: 1 }),
  ...steps('record', 'a write', { calls: ['write'], where: wal }, throughout, { upTo: 24 }),
  ...steps('record', 'fsync', recorded, around),
  ...steps('record', 'the log is moved into its database', { calls: ['write'], where: '=logs.db' }, throughout, { upTo: 4, situation: 'checkpoint' }),
  ...steps('record', 'fsync of the database', { calls: ['sync'], where: '=logs.db' }, around, { upTo: 0, situation: 'checkpoint' }),
  ...steps('acknowledgement', 'a blob is acknowledged', { calls: ['send'], where: '"size":' }, around, { upTo: 5 }),
  ...steps('acknowledgement', 'records are acknowledged', { calls: ['send'], where: '"added":' }, around, { upTo: 5 }),
  ...steps('gossip', 'other peers are told', { calls: ['send to peer'], where: '' }, around, { upTo: 12, trigger: recorded }),
  ...steps('start', 'a file is made', { calls: ['create'], where: '' }, around, { upTo: 4, situation: 'start' }),
  ...steps('start', 'a write', { calls: ['write'], where: '' }, throughout, { upTo: 12, situation: 'start' }),
  ...steps('start', 'fsync', { calls: ['sync', 'sync folder'], where: '' }, around, { upTo: 6, situation: 'start' }),
  ...steps('start', 'something is deleted or renamed', { calls: ['unlink', 'rename'], where: '' }, around, { upTo: 4, situation: 'start' }),
  ...steps('follower', 'a write', { calls: ['write'], where: wal }, throughout, { upTo: 20, situation: 'follower' }),
  ...steps('follower', 'fsync', { calls: ['sync'], where: wal }, around, { situation: 'follower' }),
];
