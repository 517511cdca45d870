-- What people decided, applied: accounts as they call them, transactions split into parts, categories and notes.

CREATE TABLE derived.decided (
    tenant_id int  NOT NULL,
    subject   uuid NOT NULL,
    version   int  NOT NULL,
    about     uuid,
    other     uuid,
    problem   text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON TABLE derived.decided IS 'The decisions that derived rows were made with, and why one of them does not apply.';
COMMENT ON COLUMN derived.decided.problem IS 'Why it does not apply, in words; empty where it does.';

CREATE TABLE derived.account_word (
    tenant_id  int  NOT NULL,
    connection text NOT NULL,
    account    text NOT NULL,
    name       text,
    kind       text,
    PRIMARY KEY (tenant_id, connection, account)
);
COMMENT ON TABLE derived.account_word IS 'What people call accounts, and what kind they say they are; NULL leaves the source''s word.';

CALL ops.guard('derived.decided', 'derived.account_word');

-- Two branches instead of a full join, so that a condition on connection and account reaches the keys of both tables.
CREATE VIEW derived.known_account WITH (security_barrier = true) AS
SELECT a.tenant_id, a.connection, a.account, coalesce(w.name, a.name) AS name, coalesce(w.kind, a.kind) AS kind, a.asset
FROM derived.account a
LEFT JOIN derived.account_word w
    ON w.tenant_id = a.tenant_id AND w.connection = a.connection AND w.account = a.account
WHERE a.tenant_id = ANY ((SELECT ops.visible_tenants())::int[])
UNION ALL
SELECT w.tenant_id, w.connection, w.account, coalesce(w.name, w.account), coalesce(w.kind, 'manual'), NULL
FROM derived.account_word w
WHERE w.tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) AND NOT EXISTS (
    SELECT FROM derived.account a
    WHERE a.tenant_id = w.tenant_id AND a.connection = w.connection AND a.account = w.account);
COMMENT ON VIEW derived.known_account IS 'Every account, as people call it, else as its source does.';
GRANT SELECT ON derived.known_account TO flowd_app;

ALTER TABLE derived.flow
    ADD COLUMN part_of  uuid,
    ADD COLUMN category text,
    ADD COLUMN note     text;
COMMENT ON COLUMN derived.flow.part_of IS 'The transaction it is a part of, where somebody split one: the first part has its subject, the others have their own.';
COMMENT ON COLUMN derived.flow.category IS 'What somebody filed it under; NULL where nobody did.';
COMMENT ON COLUMN derived.flow.note IS 'What somebody noted about it; NULL where nobody did.';
CREATE INDEX flow_part ON derived.flow (tenant_id, part_of) WHERE part_of IS NOT NULL;
