-- The store of flowd: two raw logs (readings, events), what is derived from them, and what flowd knows of itself.
--
-- Schemas: raw (facts, kept for ever) · derived (recomputable) · ops (flowd's own state) · app (the service's way to
-- the hypertables) · report (what dashboards read; timescale/views). Roles come from timescale/roles.sql, before this.
--
-- Every row belongs to a tenant. Plain tables are guarded by forced row-level security. Tables that are hypertables
-- where TimescaleDB is there carry no row security (it excludes columnstore, and leaks through chunks); nobody but the
-- owner has any grant on them, and they are reached through security_barrier views.

CREATE SCHEMA raw;
CREATE SCHEMA derived;
CREATE SCHEMA app;
CREATE SCHEMA report;
CREATE SCHEMA IF NOT EXISTS ops;

-- Who ---------------------------------------------------------------------------------------------------------------

CREATE TABLE ops.tenant (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    base_currency text NOT NULL,
    timezone      text NOT NULL
);
COMMENT ON TABLE ops.tenant IS 'Whose money: a person, household or company.';

CREATE TABLE ops.login (
    role      name PRIMARY KEY,
    tenant_id int NOT NULL REFERENCES ops.tenant (id) ON DELETE CASCADE
);
COMMENT ON TABLE ops.login IS 'Which tenant a login role belongs to (grafana_<tenant>): decided by session_user, which no SET can change.';

-- One place decides what a session may see. In this order: a mapped login sees its tenant, whatever it sets; the
-- service sees the tenant it set for this transaction; an administrator sees all; anyone else nothing. USAGE, not
-- MEMBER, for the administrator: who created the role is a member that may pass it on, and is not meant to use it.
CREATE FUNCTION ops.visible_tenants() RETURNS int[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE
            WHEN EXISTS (SELECT FROM ops.login WHERE role = session_user)
                THEN ARRAY(SELECT tenant_id FROM ops.login WHERE role = session_user)
            WHEN NULLIF(current_setting('flowd.tenant', true), '') IS NOT NULL
                AND pg_has_role(session_user, 'flowd_app', 'MEMBER')
                THEN ARRAY[NULLIF(current_setting('flowd.tenant', true), '')::int]
            WHEN pg_has_role(session_user, 'flowd_admin', 'USAGE')
                THEN ARRAY(SELECT id FROM ops.tenant ORDER BY id)
            ELSE ARRAY[]::int[]
        END
    $$;
COMMENT ON FUNCTION ops.visible_tenants() IS 'The tenants this session may see; every policy and view filters by it.';

-- The raw logs ------------------------------------------------------------------------------------------------------

CREATE TABLE raw.series (
    id         int GENERATED ALWAYS AS IDENTITY,
    tenant_id  int  NOT NULL REFERENCES ops.tenant (id),
    connection text NOT NULL CHECK (connection <> ''),
    account    text NOT NULL CHECK (account <> ''),
    asset      text NOT NULL CHECK (asset <> ''),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, connection, account, asset)
);
COMMENT ON TABLE raw.series IS 'One line of readings: an asset in an account at a connection, numbered so that readings stay small.';

-- No foreign key to raw.series: it is checked by the join that writes the row, and would cost half the ingest.
CREATE TABLE raw.snapshot (
    tenant_id int         NOT NULL,
    series_id int         NOT NULL,
    at        timestamptz NOT NULL,
    quantity  numeric     NOT NULL CHECK (abs(quantity) < 1e30),
    inferred  boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, series_id, at)
);
COMMENT ON TABLE raw.snapshot IS 'How much of one asset an account held at one moment.';
COMMENT ON COLUMN raw.snapshot.inferred IS 'True for an explicit zero: the source gave its whole list, and this was no longer on it.';

CREATE TABLE raw.rate (
    tenant_id int         NOT NULL,
    base      text        NOT NULL,
    quote     text        NOT NULL,
    source    text        NOT NULL,
    at        timestamptz NOT NULL,
    value     numeric     NOT NULL CHECK (value > 0 AND value < 1e30),
    PRIMARY KEY (tenant_id, base, quote, source, at)
);
COMMENT ON TABLE raw.rate IS 'One unit of base was worth value units of quote at that moment, as its source says.';

-- No foreign key to ops.tenant here, nor on the large tables made of it: its check per row costs as much as all the rest
-- of writing one, and the row-level policy already lets only rows of an existing tenant in.
CREATE TABLE raw.event (
    tenant_id   int         NOT NULL,
    subject     uuid        NOT NULL,
    version     int         NOT NULL CHECK (version > 0),
    type        text        NOT NULL CHECK (type <> ''),
    connection  text        NOT NULL CHECK (connection <> ''),
    key         uuid        NOT NULL,
    data        jsonb       NOT NULL,
    occurred_at timestamptz,
    added_at    timestamptz NOT NULL DEFAULT now(),
    position    bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, subject, version)
);
COMMENT ON TABLE raw.event IS 'What happened, append-only: a correction is the next version of the same subject.';
COMMENT ON COLUMN raw.event.subject IS 'Hash of the natural key: what the event is about.';
COMMENT ON COLUMN raw.event.key IS 'Hash of subject and content: a repeat of the newest version has the same key and is not added.';
COMMENT ON COLUMN raw.event.data IS 'The content; amounts are strings, so that no digit is lost.';
COMMENT ON COLUMN raw.event.occurred_at IS 'When it happened; a day without a time stands at noon UTC and has its day in data; NULL where time means nothing.';
CREATE INDEX event_added ON raw.event USING brin (added_at);

CREATE FUNCTION raw.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RAISE EXCEPTION 'raw.event is append-only: % is refused; add the next version instead', TG_OP
            USING ERRCODE = 'restrict_violation';
    END
    $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON raw.event
    FOR EACH ROW EXECUTE FUNCTION raw.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON raw.event
    FOR EACH STATEMENT EXECUTE FUNCTION raw.refuse_change();

-- What is derived ---------------------------------------------------------------------------------------------------

CREATE TABLE derived.transaction (
    tenant_id    int         NOT NULL,
    subject      uuid        NOT NULL,
    version      int         NOT NULL,
    connection   text        NOT NULL,
    account      text        NOT NULL,
    external_id  text,
    booked_at    timestamptz NOT NULL,
    day          date        NOT NULL,
    amount       numeric     NOT NULL CHECK (abs(amount) < 1e30),
    asset        text        NOT NULL,
    kind         text,
    counterparty text        NOT NULL DEFAULT '',
    description  text        NOT NULL DEFAULT '',
    pending      boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON TABLE derived.transaction IS 'The newest version of each transaction, read from the event log.';
COMMENT ON COLUMN derived.transaction.day IS 'The day it counts on: the source''s own day where it states only that, else the tenant''s day.';
CREATE INDEX transaction_day ON derived.transaction (tenant_id, connection, day);

CREATE TABLE derived.trade (
    tenant_id   int         NOT NULL,
    subject     uuid        NOT NULL,
    version     int         NOT NULL,
    connection  text        NOT NULL,
    account     text        NOT NULL,
    external_id text        NOT NULL,
    at          timestamptz NOT NULL,
    base        text        NOT NULL,
    quote       text        NOT NULL,
    side        text        NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity    numeric     NOT NULL CHECK (quantity > 0 AND quantity < 1e30),
    price       numeric     NOT NULL CHECK (price >= 0 AND price < 1e30),
    fee         numeric     NOT NULL CHECK (abs(fee) < 1e30),
    fee_asset   text        NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON TABLE derived.trade IS 'The newest version of each trade, read from the event log.';

CREATE TABLE derived.account (
    tenant_id  int  NOT NULL REFERENCES ops.tenant (id),
    connection text NOT NULL,
    account    text NOT NULL,
    name       text NOT NULL,
    kind       text NOT NULL,
    asset      text,
    PRIMARY KEY (tenant_id, connection, account)
);
COMMENT ON TABLE derived.account IS 'What sources said of their accounts.';

CREATE TABLE derived.schedule_term (
    tenant_id  int     NOT NULL REFERENCES ops.tenant (id),
    connection text    NOT NULL,
    term       int     NOT NULL,
    amount     numeric NOT NULL CHECK (abs(amount) < 1e30),
    currency   text    NOT NULL,
    every      text    NOT NULL,
    start_day  date    NOT NULL,
    end_day    date,
    PRIMARY KEY (tenant_id, connection, term)
);
COMMENT ON TABLE derived.schedule_term IS 'Declared income: so much per period, from a day on, until the next term or the end (included).';

CREATE TABLE derived.flow (
    tenant_id  int     NOT NULL,
    subject    uuid    NOT NULL,
    connection text    NOT NULL,
    account    text    NOT NULL,
    day        date    NOT NULL,
    amount     numeric NOT NULL,
    asset      text    NOT NULL,
    flow_class text    NOT NULL,
    stream     text,
    rule       text    NOT NULL,
    payer      text    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON COLUMN derived.flow.payer IS 'The other side without digits and capitals, so that one payer is one; empty where it is not named.';
COMMENT ON TABLE derived.flow IS 'What each booked transaction is, in which stream it is charted, and which rule decided.';
CREATE INDEX flow_stream ON derived.flow (tenant_id, stream, day) WHERE stream IS NOT NULL;
CREATE INDEX flow_day ON derived.flow (tenant_id, connection, day);

CREATE TABLE derived.stream (
    tenant_id  int  NOT NULL REFERENCES ops.tenant (id),
    stream     text NOT NULL,
    method     text NOT NULL CHECK (method IN ('value', 'transactions', 'schedule')),
    connection text NOT NULL,
    name       text NOT NULL,
    grp        text NOT NULL,
    color      text,
    target     numeric,
    PRIMARY KEY (tenant_id, stream)
);
COMMENT ON TABLE derived.stream IS 'The lines of income: where each comes from and how it is named, grouped and coloured.';

CREATE TABLE derived.rate_gap (
    tenant_id int  NOT NULL REFERENCES ops.tenant (id),
    stream    text NOT NULL,
    base      text NOT NULL,
    quote     text NOT NULL,
    day       date NOT NULL,
    PRIMARY KEY (tenant_id, stream, base, quote, day)
);
COMMENT ON TABLE derived.rate_gap IS 'The days on which a stream needed a rate that nobody had.';

CREATE TABLE derived.rate_missing (
    tenant_id int  NOT NULL REFERENCES ops.tenant (id),
    base      text NOT NULL,
    quote     text NOT NULL,
    first_day date NOT NULL,
    last_day  date NOT NULL,
    days      int  NOT NULL,
    PRIMARY KEY (tenant_id, base, quote)
);
COMMENT ON TABLE derived.rate_missing IS 'Rates that a number needed and nobody had: those numbers are NULL, never one to one.';

CREATE TABLE derived.snapshot_hourly (
    tenant_id int         NOT NULL,
    series_id int         NOT NULL,
    hour      timestamptz NOT NULL,
    first     numeric     NOT NULL,
    last      numeric     NOT NULL,
    low       numeric     NOT NULL,
    high      numeric     NOT NULL,
    mean      numeric     NOT NULL,
    count     int         NOT NULL,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    last_base numeric,
    PRIMARY KEY (tenant_id, series_id, hour)
);
CREATE TABLE derived.snapshot_daily (
    tenant_id int         NOT NULL,
    series_id int         NOT NULL,
    day       date        NOT NULL,
    first     numeric     NOT NULL,
    last      numeric     NOT NULL,
    low       numeric     NOT NULL,
    high      numeric     NOT NULL,
    mean      numeric     NOT NULL,
    count     int         NOT NULL,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    last_base numeric,
    PRIMARY KEY (tenant_id, series_id, day)
);
COMMENT ON TABLE derived.snapshot_hourly IS 'Readings per UTC hour: first, last, low, high, mean, count; last also in base currency.';
COMMENT ON TABLE derived.snapshot_daily IS 'Readings per day of the tenant: first, last, low, high, mean, count; last also in base currency.';
COMMENT ON COLUMN derived.snapshot_hourly.last_base IS 'last in base currency at the price at the end of its day; NULL without a dated price.';
COMMENT ON COLUMN derived.snapshot_daily.last_base IS 'last in base currency at the price at the end of the day; NULL without a dated price.';

CREATE TABLE derived.income_daily (
    tenant_id     int  NOT NULL,
    stream        text NOT NULL,
    currency      text NOT NULL,
    day           date NOT NULL,
    received      numeric,
    earned        numeric,
    received_base numeric,
    earned_base   numeric,
    base_currency text NOT NULL,
    quality       text NOT NULL CHECK (quality IN ('exact', 'estimated', 'spread', 'partial', 'stale')),
    PRIMARY KEY (tenant_id, stream, day, currency)
);
COMMENT ON TABLE derived.income_daily IS 'What each stream brought in on each day: received on the day it came, earned on the days it was for.';
CREATE INDEX income_daily_day ON derived.income_daily (tenant_id, day);

CREATE TABLE derived.metric (
    tenant_id int         NOT NULL,
    analytic  text        NOT NULL,
    subject   text        NOT NULL,
    name      text        NOT NULL,
    "window"  text        NOT NULL,
    at        timestamptz NOT NULL,
    value     numeric,
    unit      text        NOT NULL,
    PRIMARY KEY (tenant_id, analytic, subject, name, "window", at)
);
COMMENT ON TABLE derived.metric IS 'Numbers that analytics derive; NULL where a number is not available.';

-- What flowd knows of itself ----------------------------------------------------------------------------------------

CREATE TABLE ops.run (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id   int         NOT NULL REFERENCES ops.tenant (id),
    connection  text        NOT NULL,
    feed        text        NOT NULL,
    tick        timestamptz NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    outcome     text        NOT NULL DEFAULT 'running'
        CHECK (outcome IN ('running', 'done', 'retry', 'auth', 'config', 'over_time', 'failed', 'interrupted')),
    snapshots   int         NOT NULL DEFAULT 0,
    rates       int         NOT NULL DEFAULT 0,
    events      int         NOT NULL DEFAULT 0,
    revised     int         NOT NULL DEFAULT 0,
    unchanged   int         NOT NULL DEFAULT 0,
    error_class text,
    error       text,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE ops.run IS 'The activity log: one execution of one feed, what it brought and how it ended.';
CREATE INDEX run_feed ON ops.run (tenant_id, connection, feed, started_at DESC);
CREATE INDEX run_started ON ops.run (tenant_id, started_at DESC);

CREATE TABLE ops.cursor (
    tenant_id  int         NOT NULL REFERENCES ops.tenant (id),
    connection text        NOT NULL,
    feed       text        NOT NULL,
    data       jsonb       NOT NULL,
    version    int         NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, connection, feed)
);
COMMENT ON TABLE ops.cursor IS 'Where each feed has got to, written in the transaction of the rows it follows.';

CREATE TABLE ops.connection_state (
    tenant_id    int         NOT NULL REFERENCES ops.tenant (id),
    connection   text        NOT NULL,
    feed         text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('new', 'healthy', 'failing', 'needs_reauth', 'misconfigured')),
    since        timestamptz NOT NULL,
    reason       text        NOT NULL DEFAULT '',
    failures     int         NOT NULL DEFAULT 0,
    last_success timestamptz,
    next_try     timestamptz,
    every_s      numeric,
    PRIMARY KEY (tenant_id, connection, feed)
);
COMMENT ON TABLE ops.connection_state IS 'How each feed is doing, since when, and why.';

CREATE TABLE ops.budget (
    tenant_id  int         NOT NULL REFERENCES ops.tenant (id),
    credential text        NOT NULL,
    period     timestamptz NOT NULL,
    used       int         NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant_id, credential, period)
);
COMMENT ON TABLE ops.budget IS 'Requests a credential has made in a budget period; the credential is a hash, never the key.';

CREATE TABLE ops.derivation (
    tenant_id int  NOT NULL REFERENCES ops.tenant (id),
    settings  text NOT NULL,
    accounts  text NOT NULL,
    through   date NOT NULL,
    PRIMARY KEY (tenant_id)
);
COMMENT ON TABLE ops.derivation IS 'What derived rows were made with: a hash of settings and accounts (other ones mean a rebuild), and the day they reach to.';

CREATE TABLE ops.pending (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id  int  NOT NULL REFERENCES ops.tenant (id),
    connection text NOT NULL,
    what       text NOT NULL,
    since      timestamptz,
    until      timestamptz,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE ops.pending IS 'What changed in the raw logs and is not derived yet; written with the rows, so it survives any stop.';

-- Guards ------------------------------------------------------------------------------------------------------------

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'raw.series', 'raw.event',
        'derived.transaction', 'derived.trade', 'derived.account', 'derived.schedule_term', 'derived.flow',
        'derived.stream', 'derived.rate_gap', 'derived.rate_missing',
        'ops.run', 'ops.cursor', 'ops.connection_state', 'ops.budget', 'ops.derivation', 'ops.pending'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %s USING (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))'
            ' WITH CHECK (tenant_id = ANY ((SELECT ops.visible_tenants())::int[]))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO flowd_app', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'raw.snapshot', 'raw.rate', 'derived.snapshot_hourly', 'derived.snapshot_daily',
        'derived.income_daily', 'derived.metric'
    ] LOOP
        EXECUTE format(
            'CREATE VIEW app.%s WITH (security_barrier = true) AS SELECT * FROM %s'
            ' WHERE tenant_id = ANY ((SELECT ops.visible_tenants())::int[]) WITH CASCADED CHECK OPTION',
            split_part(name, '.', 2), name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%s TO flowd_app', split_part(name, '.', 2));
    END LOOP;
END
$$;
REVOKE UPDATE, DELETE ON raw.event FROM flowd_app;

GRANT SELECT ON ops.tenant TO flowd_app;
GRANT USAGE ON SCHEMA raw, derived, ops, app, report TO flowd_app;
GRANT USAGE ON SCHEMA report TO flowd_report, flowd_admin;
GRANT EXECUTE ON FUNCTION ops.visible_tenants() TO PUBLIC;
GRANT USAGE ON SCHEMA ops TO flowd_report, flowd_admin;
