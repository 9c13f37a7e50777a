import type { DatabaseSync } from 'node:sqlite';

/** The steps of `openDatabase` for the logs. A body has its own table, so that it can be erased; `arrival` is never reused because records are never deleted. */
export const logMigrations: readonly string[] = [
  `
  CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TABLE subject (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE record (
    arrival INTEGER PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES log (id),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    header BLOB NOT NULL,
    signature BLOB NOT NULL,
    subject INTEGER REFERENCES subject (id),
    first_seen INTEGER NOT NULL,
    UNIQUE (log, seq)
  ) STRICT;
  CREATE INDEX record_by_subject ON record (subject) WHERE subject IS NOT NULL;
  CREATE TABLE body (
    arrival INTEGER PRIMARY KEY REFERENCES record (arrival),
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE fork (
    id INTEGER PRIMARY KEY,
    log INTEGER NOT NULL UNIQUE REFERENCES log (id),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    header BLOB NOT NULL,
    signature BLOB NOT NULL,
    body BLOB
  ) STRICT;
  `,
  // Who wrote here was not noted before: every log that is held counts, because a blob must rather stay than be lost.
  `
  CREATE TABLE writer (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE
  ) STRICT;
  INSERT INTO writer (key) SELECT key FROM log ORDER BY id;
  `,
];

/** A row of `record` with its body. */
export interface RecordRow {
  readonly arrival: number;
  readonly hash: Uint8Array;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly first_seen: number;
  readonly body: Uint8Array | null;
}

/** A fork: the held record `a` and the later one `b`. */
export interface ForkRow {
  readonly key: string;
  readonly seq: number;
  readonly a_hash: Uint8Array;
  readonly a_header: Uint8Array;
  readonly a_signature: Uint8Array;
  readonly a_body: Uint8Array | null;
  readonly b_hash: Uint8Array;
  readonly b_header: Uint8Array;
  readonly b_signature: Uint8Array;
  readonly b_body: Uint8Array | null;
}

const recordColumns = 'record.arrival, record.hash, record.header, record.signature, record.first_seen, body.bytes AS body';
const withBody = 'LEFT JOIN body ON body.arrival = record.arrival';
const forkColumns = `log.key, fork.seq, record.hash AS a_hash, record.header AS a_header, record.signature AS a_signature, body.bytes AS a_body,
  fork.hash AS b_hash, fork.header AS b_header, fork.signature AS b_signature, fork.body AS b_body`;
const forkJoin = `fork JOIN log ON log.id = fork.log JOIN record ON record.log = fork.log AND record.seq = fork.seq ${withBody}`;

/** Every statement on the logs, prepared once. */
export function prepareLogStatements(db: DatabaseSync) {
  return {
    head: db.prepare('SELECT seq, hash FROM log WHERE key = ?'),
    heads: db.prepare('SELECT key, seq, hash FROM log WHERE key > ? ORDER BY key LIMIT ?'),
    size: db.prepare('SELECT (SELECT count(*) FROM log) AS logs, (SELECT coalesce(max(arrival), 0) FROM record) AS arrival'),
    read: db.prepare(`SELECT ${recordColumns} FROM log JOIN record ON record.log = log.id ${withBody} WHERE log.key = ? AND record.seq >= ? ORDER BY record.seq LIMIT ?`),
    since: db.prepare(`SELECT ${recordColumns} FROM record ${withBody} WHERE record.arrival > ? ORDER BY record.arrival LIMIT ?`),
    headsSince: db.prepare('SELECT log.key, record.seq, record.hash, record.arrival FROM record JOIN log ON log.id = record.log WHERE record.arrival > ? ORDER BY record.arrival LIMIT ?'),
    // The index of subjects ends with the arrival, so the newest of a subject is found without looking at its others.
    subjectsSince: db.prepare(`SELECT record.arrival, subject.text FROM record LEFT JOIN subject ON subject.id = record.subject WHERE record.arrival > ? AND record.arrival <= ?
      AND NOT EXISTS (SELECT 1 FROM record AS later WHERE later.subject = record.subject AND later.arrival > record.arrival) ORDER BY record.arrival`),
    about: db.prepare(`SELECT ${recordColumns} FROM subject JOIN record ON record.subject = subject.id ${withBody} WHERE subject.text = ? AND record.arrival > ? ORDER BY record.arrival LIMIT ?`),
    // By indexes alone: for rows that may be remembered.
    arrivalsSince: db.prepare('SELECT arrival FROM record WHERE arrival > ? ORDER BY arrival LIMIT ?'),
    arrivalsAbout: db.prepare('SELECT record.arrival FROM subject JOIN record ON record.subject = subject.id WHERE subject.text = ? AND record.arrival > ? ORDER BY record.arrival LIMIT ?'),
    arrivalAt: db.prepare('SELECT record.arrival FROM log JOIN record ON record.log = log.id WHERE log.key = ? AND record.seq = ?'),
    subjects: db.prepare('SELECT text FROM subject WHERE text >= ? AND text < ? AND text > ? ORDER BY text LIMIT ?'),
    hashAt: db.prepare('SELECT record.hash FROM log JOIN record ON record.log = log.id WHERE log.key = ? AND record.seq = ?'),
    forkedAt: db.prepare('SELECT fork.seq FROM log JOIN fork ON fork.log = log.id WHERE log.key = ?'),
    forks: db.prepare(`SELECT ${forkColumns} FROM ${forkJoin} WHERE fork.id > ? ORDER BY fork.id LIMIT ?`),
    fork: db.prepare(`SELECT ${forkColumns} FROM ${forkJoin} WHERE log.key = ?`),
    putHead: db.prepare('INSERT INTO log (key, seq, hash) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash RETURNING id'),
    addSubject: db.prepare('INSERT INTO subject (text) VALUES (?) ON CONFLICT (text) DO NOTHING'),
    subject: db.prepare('SELECT id FROM subject WHERE text = ?'),
    addRecord: db.prepare('INSERT INTO record (log, seq, hash, header, signature, subject, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?)'),
    addBody: db.prepare('INSERT INTO body (arrival, bytes) VALUES (?, ?)'),
    addFork: db.prepare('INSERT INTO fork (log, seq, hash, header, signature, body) SELECT id, ?, ?, ?, ?, ? FROM log WHERE key = ?'),
    eraseBody: db.prepare('DELETE FROM body WHERE arrival = (SELECT record.arrival FROM log JOIN record ON record.log = log.id WHERE log.key = ? AND record.seq = ?)'),
    addWriter: db.prepare('INSERT INTO writer (key) VALUES (?) ON CONFLICT (key) DO NOTHING'),
    writers: db.prepare('SELECT key FROM writer ORDER BY id'),
    order: db.prepare(`SELECT (SELECT coalesce(max(id), 0) FROM writer) AS writers, (SELECT coalesce(max(id), 0) FROM fork) AS forks,
      (SELECT coalesce(max(arrival), 0) FROM record) AS arrival, (SELECT hash FROM record ORDER BY arrival DESC LIMIT 1) AS hash`),
    arrivalHash: db.prepare('SELECT hash FROM record WHERE arrival = ?'),
    writersSince: db.prepare('SELECT key FROM writer WHERE id > ? ORDER BY id LIMIT ?'),
    forksSince: db.prepare(`SELECT log.key, fork.hash AS hash, fork.header AS header, fork.signature AS signature, fork.body AS body FROM fork JOIN log ON log.id = fork.log WHERE fork.id > ? ORDER BY fork.id LIMIT ?`),
    eraseForkBody: db.prepare('UPDATE fork SET body = NULL WHERE body IS NOT NULL AND log = (SELECT id FROM log WHERE key = ?) AND seq = ?'),
  };
}

/** The statements on the logs. */
export type LogStatements = ReturnType<typeof prepareLogStatements>;
