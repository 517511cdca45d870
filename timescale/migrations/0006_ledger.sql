-- What statements say of balances, and what people decide.

-- What every plain table of tenants gets: rows of visible tenants only, for the owner too, and the service's rights.
CREATE PROCEDURE ops.guard(VARIADIC tables text[])
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        name text;
    BEGIN
        FOREACH name IN ARRAY tables LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
            EXECUTE format(
                'CREATE POLICY tenant ON %s USING (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))'
                ' WITH CHECK (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))', name);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO flowd_app', name);
        END LOOP;
    END
    $$;
REVOKE ALL ON PROCEDURE ops.guard(text[]) FROM PUBLIC;
COMMENT ON PROCEDURE ops.guard(text[]) IS 'Guards new tables of tenants by row; only migrations call it.';

CREATE TABLE derived.balance (
    tenant_id  int     NOT NULL,
    connection text    NOT NULL,
    account    text    NOT NULL,
    asset      text    NOT NULL,
    day        date    NOT NULL,
    amount     numeric NOT NULL CHECK (abs(amount) < 1e30),
    PRIMARY KEY (tenant_id, connection, account, asset, day)
);
COMMENT ON TABLE derived.balance IS 'What statements say an account held at the end of a day, after everything booked on it.';

CREATE TABLE derived.decision (
    tenant_id  int         NOT NULL,
    subject    uuid        NOT NULL,
    version    int         NOT NULL,
    kind       text        NOT NULL,
    about      uuid,
    other      uuid,
    decided_at timestamptz NOT NULL,
    data       jsonb       NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON TABLE derived.decision IS 'What people decided and did not undo: classes, splits, duplicates, transfers, names, balances, money moved by hand.';
COMMENT ON COLUMN derived.decision.about IS 'The transaction (its subject) it is about, if it is about one.';
COMMENT ON COLUMN derived.decision.other IS 'The other transaction, where it is about two.';
COMMENT ON COLUMN derived.decision.decided_at IS 'The time of what it is about, which may be long before somebody decided.';
CREATE INDEX decision_about ON derived.decision (tenant_id, about) WHERE about IS NOT NULL;

CALL ops.guard('derived.balance', 'derived.decision');
