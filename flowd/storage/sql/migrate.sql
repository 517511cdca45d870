-- name: lock
SELECT pg_advisory_xact_lock(%s)

-- name: begin_record
CREATE SCHEMA IF NOT EXISTS ops;
CREATE TABLE IF NOT EXISTS ops.migration (
    name       text        PRIMARY KEY,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.migration IS 'Which SQL files this database has had, with the checksum each had then.';

-- name: record
INSERT INTO ops.migration (name, checksum) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = now()

-- name: timescale
SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'),
       EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb')

-- name: may_be_service
SELECT pg_catalog.pg_has_role(current_user, 'flowd_app', 'MEMBER'), current_user
