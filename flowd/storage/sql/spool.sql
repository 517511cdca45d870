Statements of the spool (SQLite): batches that wait for the database, in order, and those it refused.

-- name: begin
CREATE TABLE IF NOT EXISTS entry (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    connection TEXT NOT NULL,
    feed       TEXT NOT NULL,
    tick       TEXT NOT NULL,
    added_at   TEXT NOT NULL,
    run        TEXT NOT NULL,
    frames     INTEGER NOT NULL DEFAULT 0,
    bytes      INTEGER NOT NULL DEFAULT 0,
    reason     TEXT,
    refused_at TEXT
);
CREATE INDEX IF NOT EXISTS entry_waiting ON entry (id) WHERE reason IS NULL;
CREATE TABLE IF NOT EXISTS frame (
    entry INTEGER NOT NULL REFERENCES entry (id),
    n     INTEGER NOT NULL,
    data  BLOB NOT NULL,
    crc32 INTEGER NOT NULL,
    PRIMARY KEY (entry, n)
);
CREATE VIEW IF NOT EXISTS refused AS
    SELECT id, connection, feed, tick, refused_at, reason, frames, bytes FROM entry WHERE reason IS NOT NULL;

-- name: measure
SELECT count(*), coalesce(sum(bytes), 0) FROM entry WHERE reason IS NULL

-- name: add_entry
INSERT INTO entry (connection, feed, tick, added_at, run) VALUES (?, ?, ?, ?, ?)

-- name: add_frame
INSERT INTO frame (entry, n, data, crc32) VALUES (?, ?, ?, ?)

-- name: complete_entry
UPDATE entry SET frames = :frames, bytes = :bytes WHERE id = :entry

-- name: entries
SELECT id, connection, feed, tick, run, frames FROM entry WHERE reason IS NULL ORDER BY id

-- name: first_entry
SELECT id, connection, feed, tick, run, frames FROM entry WHERE reason IS NULL ORDER BY id LIMIT 1

-- name: frame
SELECT data, crc32 FROM frame WHERE entry = ? AND n = ?

-- name: entry_bytes
SELECT bytes FROM entry WHERE id = ?

-- name: drop_frames
DELETE FROM frame WHERE entry = ?

-- name: drop_entry
DELETE FROM entry WHERE id = ?

-- name: refuse_entry
UPDATE entry SET reason = :reason, refused_at = :at WHERE id = :entry

-- name: count_refused
SELECT count(*) FROM entry WHERE reason IS NOT NULL
