-- The catalog: all of it can be made again from the originals, the journal and the stores.
-- A newer version only adds tables, so that an older catalog is completed by this same script.
-- Tables above the line are the journal, folded; those below are what runs have found and made.

CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS original (
  sha256 TEXT PRIMARY KEY, uri TEXT NOT NULL, bytes INTEGER NOT NULL, mime TEXT NOT NULL, kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS arrival (
  event TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (event, path, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS arrival_sha256 ON arrival (sha256, event);

CREATE TABLE IF NOT EXISTS event (
  slug TEXT PRIMARY KEY, folder TEXT NOT NULL UNIQUE, facts TEXT NOT NULL DEFAULT '{}', snapshot TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS item (id TEXT PRIMARY KEY, kind TEXT NOT NULL, master TEXT NOT NULL, alias_of TEXT) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS member (
  sha256 TEXT PRIMARY KEY, item TEXT NOT NULL REFERENCES item (id), relation TEXT NOT NULL, evidence TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS member_item ON member (item);

CREATE TABLE IF NOT EXISTS decision (
  number INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, subjects TEXT NOT NULL,
  params TEXT NOT NULL, by TEXT NOT NULL, PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

-- ----------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS look (  -- what the inbox looked like: a file is settled when two looks agree
  path TEXT PRIMARY KEY, stat TEXT NOT NULL, since REAL NOT NULL, sha256 TEXT, code TEXT, reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS answer (  -- what became of files, until a report has said so
  event TEXT NOT NULL, path TEXT NOT NULL, verdict TEXT, code TEXT, reason TEXT, sha256 TEXT, fresh INTEGER NOT NULL,
  PRIMARY KEY (event, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS history (  -- every answer ever given, the newest for each path: for `why`
  event TEXT NOT NULL, path TEXT NOT NULL, run TEXT NOT NULL, verdict TEXT NOT NULL, code TEXT, reason TEXT, item TEXT,
  PRIMARY KEY (event, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS derivation (
  key TEXT PRIMARY KEY, stage TEXT NOT NULL, subject TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS derivation_subject ON derivation (subject, stage);

CREATE TABLE IF NOT EXISTS pixels (sha256 TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pixels_digest ON pixels (digest);

CREATE TABLE IF NOT EXISTS hash (sha256 TEXT PRIMARY KEY, bits BLOB NOT NULL) STRICT, WITHOUT ROWID;  -- 32 bytes, of all events

CREATE TABLE IF NOT EXISTS proposal (
  event TEXT NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL, relation TEXT NOT NULL, evidence TEXT NOT NULL,
  PRIMARY KEY (event, first, second)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS stored (  -- objects seen in a store; projections with the digest of what was written last
  store TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (store, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS release (
  store TEXT NOT NULL, event TEXT NOT NULL, number INTEGER NOT NULL, sha256 TEXT NOT NULL, version TEXT NOT NULL,
  at TEXT NOT NULL, PRIMARY KEY (store, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, started TEXT NOT NULL, ended TEXT, status INTEGER, report TEXT) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS run_order (  -- runs as they began, one after the other: clocks tell whole seconds, and are set back
  number INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE IF NOT EXISTS proof (  -- when bytes were last read and found right, in a store, the mirror or the archive
  place TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (place, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS orphan (  -- objects that no release names, and since when that was seen
  store TEXT NOT NULL, key TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (store, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sentence (  -- what sentences were filled with (JSON), so that they can be said in other languages
  reason TEXT PRIMARY KEY, params TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS digest (  -- of originals, by the algorithms that senders' lists use
  sha256 TEXT NOT NULL, algorithm TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (sha256, algorithm)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS checksum (  -- objects whose version in a store is a checksum that was computed here too
  store TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (store, key)
) STRICT, WITHOUT ROWID;
