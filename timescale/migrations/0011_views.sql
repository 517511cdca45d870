-- What interfaces read at a glance: JSON documents by name, each with a version that goes up when its content changes.

CREATE TABLE ops.view (
    tenant_id  int         NOT NULL REFERENCES ops.tenant (id),
    name       text        NOT NULL CHECK (name <> ''),
    version    bigint      NOT NULL CHECK (version > 0),
    digest     text        NOT NULL,
    data       jsonb       NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE ops.view IS 'JSON documents for interfaces, made of report views whenever something was derived.';
COMMENT ON COLUMN ops.view.version IS 'Goes up when the content changes, and only then: who has this version has this content.';

CALL ops.guard('ops.view');
