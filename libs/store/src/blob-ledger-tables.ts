import type { DatabaseSync } from 'node:sqlite';

/**
 * The steps of `openDatabase` for the ledger of blobs. `keeping` is 0 unnamed, 1 cached, 2 pinned; `weight` is 0 known, 1 elsewhere, 2 policy, 3 published.
 * `blob` is what is here, `named` what records name, here or not.
 */
export const ledgerMigrations: readonly string[] = [
  `
  CREATE TABLE blob (
    cid TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    keeping INTEGER NOT NULL,
    since INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blob_by_use ON blob (keeping, used);
  CREATE TABLE named (
    cid TEXT PRIMARY KEY,
    weight INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX published ON named (cid) WHERE weight = 2;
  CREATE TABLE mark (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    arrival INTEGER NOT NULL,
    hash TEXT NOT NULL,
    rule TEXT NOT NULL
  ) STRICT;
  `,
  // Between 0 and what was 1 there is room for what belongs on other peers of the site.
  `
  UPDATE named SET weight = weight + 1 WHERE weight > 0;
  DROP INDEX published;
  CREATE INDEX published ON named (cid) WHERE weight = 3;
  CREATE INDEX elsewhere ON named (cid) WHERE weight = 1;
  `,
  // Most blobs of a large site are pinned: an index that has them, too, would be written twice for each and never read.
  `
  DROP INDEX published;
  DROP INDEX blob_by_use;
  CREATE INDEX blob_by_use ON blob (keeping, used) WHERE keeping < 2;
  `,
];

/** What only this connection needs while it makes the ledger level: the cids of a list. */
export const listedTable = `
  PRAGMA temp_store = MEMORY;
  CREATE TEMP TABLE listed (cid TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

/** Every statement on the ledger, prepared once. A query that shall use the index of what may be deleted repeats its condition literally. */
export function prepareLedgerStatements(db: DatabaseSync) {
  db.exec(listedTable);
  const columns = 'cid, size, keeping, since, used';
  return {
    get: db.prepare(`SELECT ${columns} FROM blob WHERE cid = ?`),
    isElsewhere: db.prepare('SELECT 1 FROM named WHERE cid = ? AND weight = 1'),
    put: db.prepare(`INSERT OR REPLACE INTO blob (${columns}) VALUES (?, ?, ?, ?, ?)`),
    remove: db.prepare('DELETE FROM blob WHERE cid = ?'),
    use: db.prepare('UPDATE blob SET used = ? WHERE cid = ? AND used < ?'),
    keep: db.prepare('UPDATE blob SET keeping = ? WHERE cid = ?'),
    weight: db.prepare('SELECT weight FROM named WHERE cid = ?'),
    name: db.prepare('INSERT INTO named (cid, weight) VALUES (?, ?) ON CONFLICT (cid) DO UPDATE SET weight = excluded.weight WHERE excluded.weight > weight'),
    mark: db.prepare('SELECT arrival, hash, rule FROM mark'),
    setMark: db.prepare('INSERT OR REPLACE INTO mark (id, arrival, hash, rule) VALUES (0, ?, ?, ?)'),
    usage: db.prepare('SELECT keeping, count(*) AS blobs, sum(size) AS bytes FROM blob GROUP BY keeping'),
    leastUsed: db.prepare(`SELECT ${columns} FROM blob WHERE keeping = 1 AND keeping < 2 ORDER BY used LIMIT ?`),
    unnamed: db.prepare(`SELECT ${columns} FROM blob WHERE keeping = 0 AND keeping < 2 AND since < ? LIMIT ?`),
    published: db.prepare('SELECT cid, EXISTS (SELECT 1 FROM blob WHERE blob.cid = named.cid) AS here FROM named WHERE weight = 3 AND cid > ? ORDER BY cid LIMIT ?'),
    elsewhere: db.prepare('SELECT cid, EXISTS (SELECT 1 FROM blob WHERE blob.cid = named.cid) AS here FROM named WHERE weight = 1 AND cid > ? ORDER BY cid LIMIT ?'),
    list: db.prepare('INSERT OR IGNORE INTO listed (cid) VALUES (?)'),
    unknown: db.prepare('SELECT cid, EXISTS (SELECT 1 FROM blob WHERE blob.cid = listed.cid) AS agreed FROM listed WHERE cid > ? ORDER BY cid LIMIT ?'),
    vanished: db.prepare('SELECT cid, EXISTS (SELECT 1 FROM listed WHERE listed.cid = blob.cid) AS agreed FROM blob WHERE cid > ? ORDER BY cid LIMIT ?'),
  };
}

/** The statements on the ledger. */
export type LedgerStatements = ReturnType<typeof prepareLedgerStatements>;
