-- From which day on a connection's history was asked for, where somebody wants more of it than its first run read.

CREATE TABLE ops.backfill (
    tenant_id  int         NOT NULL REFERENCES ops.tenant (id),
    connection text        NOT NULL CHECK (connection <> ''),
    since      date        NOT NULL,
    asked_at   timestamptz NOT NULL,
    through    text[]      NOT NULL DEFAULT '{}',
    read_at    timestamptz,
    PRIMARY KEY (tenant_id, connection)
);
COMMENT ON TABLE ops.backfill IS 'Since when each connection is read, where that is earlier than flowd.yaml or its source''s connector says.';
COMMENT ON COLUMN ops.backfill.through IS 'The feeds that have read everything since then.';
COMMENT ON COLUMN ops.backfill.read_at IS 'When the last of the feeds had; NULL as long as one has not.';

CALL ops.guard('ops.backfill');
